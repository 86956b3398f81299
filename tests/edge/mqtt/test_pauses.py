"""How long a link waits between tries, and how many refusals it answers."""

from __future__ import annotations

from howsitgoing_edge.mqtt.allowance import Allowance
from howsitgoing_edge.mqtt.pauses import Pauses


def test_pauses_double_up_to_the_longest() -> None:
    """Soon at first, since most outages are short; rarely later, since the others are long."""
    pauses = Pauses(first=1, longest=30)
    assert [pauses.after(tries, 1, refused=False) for tries in (1, 2, 3, 4, 5, 6, 7, 5000)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_chance_spreads_devices_over_half_a_pause() -> None:
    """Twenty devices must not storm a broker that has just restarted."""
    pauses = Pauses(first=2, refused=60)
    assert pauses.after(1, 0, refused=False) == 1
    assert pauses.after(1, 0.5, refused=False) == 1.5
    assert pauses.after(1, 0, refused=True) == 30


def test_a_refusal_is_tried_again_slowly_from_the_first_time_on() -> None:
    """Hammering with a wrong password gets an address banned."""
    assert Pauses(refused=60).after(1, 1, refused=True) == 60


def test_an_allowance_is_used_up_and_fills_again() -> None:
    """A flood of bad commands must not fill the log; the next honest mistake must get its answer."""
    allowance = Allowance(at_once=3, per_second=2)
    assert [allowance.take(0) for _ in range(5)] == [True, True, True, False, False]
    assert [allowance.take(0.5) for _ in range(2)] == [True, False]
    assert [allowance.take(1000) for _ in range(4)] == [True, True, True, False]

"""Whatever the network and the cloud do, each sample arrives once, or is set aside with a reason."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from support.proxy import Proxy
from support.receiver import Receiver
from support.samples import jpeg, sample
from support.waiting import until

from howsitgoing_edge.cloud import contents, sharing
from howsitgoing_edge.cloud.identity import make_key, public_key

if TYPE_CHECKING:
    from pathlib import Path

    from edge.cloud.conftest import Device, MakeSender

    from howsitgoing_edge.cloud.outbox import Outbox


def _fill(outbox: Outbox, count: int) -> list[str]:
    """Ids of so many samples, each with a picture."""
    made = [(sample(number, jpeg(number)), jpeg(number)) for number in range(count)]
    for one, face in made:
        outbox.put(one, face)
    return [one.id for one, _ in made]


def _empty(outbox: Outbox) -> bool:
    return outbox.contents().waiting == 0


def test_what_waits_arrives_in_order_with_its_pictures(outbox: Outbox, cloud: Receiver, make_sender: MakeSender) -> None:
    """Also what an earlier run of the device has left."""
    ids = _fill(outbox, 5)
    sender = make_sender(cloud)
    until(lambda: _empty(outbox))
    assert list(cloud.stored) == ids
    assert [stored.face for stored in cloud.stored.values()] == [jpeg(number) for number in range(5)]
    assert (sender.trouble, sender.refused) == (None, "")
    outbox.put(sample(9), None)
    sender.more()
    until(lambda: len(cloud.stored) == 6)


@pytest.mark.parametrize("misdeed", ["503", "429", "500", "cut", "store-cut", "408"])
def test_a_bad_moment_costs_a_second_try_and_nothing_else(
    outbox: Outbox, cloud: Receiver, make_sender: MakeSender, misdeed: str
) -> None:
    """An answer that got lost may mean that it was stored: the same id again is no second sample."""
    cloud.next(misdeed, misdeed)
    ids = _fill(outbox, 3)
    sender = make_sender(cloud)
    until(lambda: _empty(outbox))
    assert set(cloud.stored) == set(ids)
    assert sum(cloud.answers.values()) == 5
    assert cloud.answers[201] == (1 if misdeed == "store-cut" else 3)
    until(lambda: sender.trouble is None)


def test_a_request_for_patience_is_honoured(outbox: Outbox, cloud: Receiver, make_sender: MakeSender) -> None:
    """A server that says when to come again means it."""
    cloud.next("429:1")
    _fill(outbox, 1)
    begun = time.monotonic()
    make_sender(cloud)
    until(lambda: _empty(outbox))
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("status", ["400", "409", "413", "415", "422"])
def test_a_sample_that_is_not_wanted_is_set_aside_and_the_others_go_on(
    outbox: Outbox, cloud: Receiver, make_sender: MakeSender, status: str
) -> None:
    """Retried for ever, it would be a load without a use; in the way, it would silence the device."""
    cloud.next(status)
    ids = _fill(outbox, 3)
    make_sender(cloud)
    until(lambda: _empty(outbox))
    assert list(cloud.stored) == ids[1:]
    assert outbox.contents().refused == 1
    assert contents.refusals(outbox.store) == [(f"planned {status}", 1)]


def test_what_was_set_aside_can_be_tried_again(outbox: Outbox, cloud: Receiver, make_sender: MakeSender) -> None:
    """After somebody has put right what was wrong at the other side."""
    cloud.next("413")
    (name,) = _fill(outbox, 1)
    sender = make_sender(cloud)
    until(lambda: outbox.contents().refused == 1)
    assert contents.try_again(outbox.store) == 1
    sender.more()
    until(lambda: list(cloud.stored) == [name])


def test_one_sample_that_the_server_stumbles_over_does_not_hold_up_the_others(
    outbox: Outbox, cloud: Receiver, make_sender: MakeSender
) -> None:
    """A fault of the server with one picture would else silence the device for weeks."""
    ids = _fill(outbox, 4)
    cloud.next("500", "", "500", "", "500")
    make_sender(cloud)
    until(lambda: _empty(outbox))
    assert set(cloud.stored) == set(ids)
    assert next(iter(cloud.stored)) == ids[1]


UNKNOWN = {
    "unknown": ("unknown_device", "the cloud does not know hat-1 yet"),
    "revoked": ("revoked", "the cloud's operator has revoked hat-1"),
    "key": ("signature", "the cloud knows another key of hat-1"),
    "audience": ("audience", "set cloud.audience"),
    "clock": ("clock", "this device's clock is"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_while_the_device_is_not_let_in_all_is_kept_and_it_says_what_to_do(
    outbox: Outbox, cloud: Receiver, make_sender: MakeSender, tmp_path: Path, case: str
) -> None:
    """None of this is the samples' fault: they are worth keeping until somebody has mended it."""
    code, words = UNKNOWN[case]
    changed = {
        "key": {"key": make_key(tmp_path / "other")},
        "audience": {"audience": "https://elsewhere"},
        "clock": {"clock": lambda: time.time() - 7200},
    }.get(case, {})
    known = dict(cloud.keys)
    if case == "unknown":
        cloud.keys.clear()
    if case == "revoked":
        cloud.revoked.add("hat-1")
    ids = _fill(outbox, 2)
    sender = make_sender(cloud, **changed)
    trouble = until(lambda: sender.trouble)
    assert (trouble.code, outbox.contents().waiting, outbox.contents().refused) == (code, 2, 0)
    assert words in trouble.sentence
    assert case != "clock" or "2 hours slow" in trouble.sentence
    until(lambda: sum(cloud.answers.values()) >= 3)
    assert cloud.stored == {}
    if case in {"unknown", "revoked"}:
        cloud.keys.update(known)
        cloud.revoked.clear()
        until(lambda: _empty(outbox))
        assert set(cloud.stored) == set(ids)


@pytest.mark.parametrize("misdeed", ["page", "other", "404", "302"])
def test_an_answer_of_somebody_else_is_not_taken_for_a_receipt(
    outbox: Outbox, cloud: Receiver, make_sender: MakeSender, misdeed: str
) -> None:
    """A wrong address, or a hotel's page in between, must not make the device forget what nobody has stored."""
    cloud.always = misdeed
    _fill(outbox, 1)
    sender = make_sender(cloud)
    assert "check cloud.url" in until(lambda: sender.trouble).sentence
    assert outbox.contents().waiting == 1


def test_a_server_that_does_not_answer_is_left_after_a_while(outbox: Outbox, cloud: Receiver, make_sender: MakeSender) -> None:
    """Else one dead connection would be the last one."""
    cloud.next("slow")
    (name,) = _fill(outbox, 1)
    sender = make_sender(cloud, timeout=0.2)
    assert "no answer in time" in until(lambda: sender.trouble).sentence
    until(lambda: _empty(outbox))
    assert list(cloud.stored) == [name]


def test_a_network_that_loses_every_answer_leads_to_no_second_document(
    outbox: Outbox, cloud: Receiver, make_sender: MakeSender
) -> None:
    """All arrives there, and nothing back: the worst case for anybody who counts."""
    ids = _fill(outbox, 3)
    with Proxy(cloud.port) as network:
        network.answers_arrive = False
        url = cloud.url.replace(str(cloud.port), str(network.port))
        sender = make_sender(cloud, url=url, timeout=0.2)
        until(lambda: sender.trouble and len(cloud.stored) >= 2)
        assert outbox.contents().waiting == 3
        network.answers_arrive = True
        network.cut()
        until(lambda: _empty(outbox))
    assert set(cloud.stored) == set(ids)
    assert cloud.answers[201] == 3


def test_with_nobody_there_it_waits_and_goes_on_by_itself(outbox: Outbox, device: Device, make_sender: MakeSender) -> None:
    """A restart of the server takes minutes, and nobody restarts the device for it."""
    key = public_key(device.key)
    with Receiver("hat-1", key) as gone:
        port = gone.port
    ids = _fill(outbox, 2)
    sender = make_sender(gone)
    assert "cannot be reached" in until(lambda: sender.trouble).sentence
    with Receiver("hat-1", key, port=port) as back:
        until(lambda: _empty(outbox))
        assert list(back.stored) != []
        assert set(back.stored) == set(ids)


def test_a_picture_given_up_after_it_was_stored_is_no_conflict(
    outbox: Outbox, cloud: Receiver, make_sender: MakeSender
) -> None:
    """The cloud has it, with the picture; only we never heard. That is no refusal to bother people with."""
    cloud.next("store-cut")
    (name,) = _fill(outbox, 1)
    sender = make_sender(cloud, pause=0.5)
    until(lambda: sender.trouble)
    assert outbox.forget_pictures() == 1
    until(lambda: _empty(outbox))
    assert outbox.contents().refused == 0
    assert cloud.answers[409] == 1
    assert cloud.stored[name].face == jpeg(0)


def test_after_the_consent_for_faces_is_taken_back_only_words_leave(
    outbox: Outbox, cloud: Receiver, make_sender: MakeSender
) -> None:
    """What waited from before, too: nobody's face is sent after they said no."""
    ids = _fill(outbox, 2)
    make_sender(cloud, scope="moods")
    until(lambda: _empty(outbox))
    assert [cloud.stored[name].face for name in ids] == [None, None]
    assert {stored.sample.consent.scope for stored in cloud.stored.values()} == {"moods"}


def test_switching_off_holds_at_once(outbox: Outbox, cloud: Receiver, make_sender: MakeSender, device: Device) -> None:
    """Not after a restart that somebody may forget."""
    sender = make_sender(cloud)
    sharing.stop(device.folder)
    _fill(outbox, 2)
    sender.more()
    outbox.tidy()
    assert cloud.answers.total() == 0
    sharing.go_on(device.folder)
    sender.more()
    until(lambda: len(cloud.stored) == 2)


def test_every_request_has_a_token_of_its_own(outbox: Outbox, cloud: Receiver, make_sender: MakeSender) -> None:
    """A token that was overheard is worth nothing: it fits one body, once, for five minutes."""
    _fill(outbox, 3)
    make_sender(cloud)
    until(lambda: _empty(outbox))
    assert len({token["jti"] for token in cloud.tokens}) == 3
    assert {token["exp"] - token["iat"] for token in cloud.tokens} == {300}
    assert len({token["body"] for token in cloud.tokens}) == 3


def test_it_stops_within_a_moment_even_in_the_middle_of_a_request(
    outbox: Outbox, cloud: Receiver, make_sender: MakeSender
) -> None:
    """A service manager waits ten seconds, a wearer less."""
    cloud.next("slow")
    _fill(outbox, 1)
    sender = make_sender(cloud)
    until(lambda: cloud.tokens)
    begun = time.monotonic()
    sender.close(0.2)
    assert time.monotonic() - begun < 1

"""``doctor`` tells a cloud that takes our samples from one that is away and from one that says no."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from support.receiver import Receiver
from support.samples import sample

from howsitgoing_edge.cloud import sharing
from howsitgoing_edge.cloud.identity import make_key, public_key
from howsitgoing_edge.cloud.limits import Limits
from howsitgoing_edge.cloud.outbox import Outbox
from howsitgoing_edge.doctor.cloud import cloud
from howsitgoing_edge.doctor.findings import State
from howsitgoing_edge.errors import IdentityError
from howsitgoing_edge.settings import CloudSettings


def _shared(url: str) -> CloudSettings:
    return CloudSettings(share="faces", url=url, consent="C-7")


def test_what_is_not_shared_is_not_looked_for(tmp_path: Path) -> None:
    """Most devices have no cloud, and need none."""
    assert cloud(CloudSettings(), tmp_path, "hat-1").state is State.UNUSED


def test_the_cloud_is_asked_as_the_agent_would(tmp_path: Path) -> None:
    """Let in; then for each way in which it says no, a finding of its own."""
    with Receiver("hat-1", public_key(make_key(tmp_path))) as receiver:
        settings = _shared(receiver.url)
        found = cloud(settings, tmp_path, "hat-1")
        assert (found.state, found.what) == (State.WORKS, f"{receiver.url} lets this device in; it shares faces; nothing waits")
        with closing(Outbox(tmp_path, Limits(10**6))) as outbox:
            outbox.put(sample(), None)
        assert "it shares faces; 1 sample to be sent, the oldest since 20" in cloud(settings, tmp_path, "hat-1").what
        sharing.stop(tmp_path)
        assert cloud(settings, tmp_path, "hat-1").advice == "start the agent again"
        receiver.consent = {"scope": "moods", "references": None}
        assert "no such consent" in cloud(settings, tmp_path, "hat-1").what
        receiver.revoked.add("hat-1")
        assert "revoked" in cloud(settings, tmp_path, "hat-1").what
        receiver.keys.clear()
        found = cloud(settings, tmp_path, "hat-1")
        assert (found.state, "does not know hat-1" in found.what) == (State.FAILS, True)
    found = cloud(settings, tmp_path, "hat-1")
    assert (found.state, "cannot be reached" in found.what) == (State.LIMITED, True)
    assert found.advice.startswith("it tries again by itself; 1 sample to be sent")


def test_without_a_key_it_says_how_to_get_one(tmp_path: Path) -> None:
    """As after a new memory card."""
    with pytest.raises(IdentityError, match="howsitgoing cloud join"):
        cloud(_shared("https://cloud.example"), tmp_path, "hat-1")

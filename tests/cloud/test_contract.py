"""The cloud's copy of the contract reads what devices send: the golden requests of all readers."""

from __future__ import annotations

import pytest
from support.golden import Golden, accepted_requests, refused_requests

from howsitgoing_cloud._contract import Sample
from howsitgoing_cloud.problems import Refused
from howsitgoing_cloud.samples import digest, read_sample


@pytest.mark.parametrize("golden", accepted_requests(), ids=lambda golden: golden.case)
def test_what_devices_send_is_read(golden: Golden) -> None:
    """Devices are updated later than the cloud, or never."""
    sample = read_sample(golden.payload)
    assert read_sample(sample.to_json().encode()) == sample
    assert digest(read_sample(sample.to_json().encode())) == digest(sample)


@pytest.mark.parametrize("golden", refused_requests(), ids=lambda golden: golden.case)
def test_what_does_not_fit_is_refused_with_the_reason(golden: Golden) -> None:
    """The device shows the reason to whoever looks after it."""
    with pytest.raises(Refused) as caught:
        read_sample(golden.payload)
    assert golden.error is not None
    assert golden.error in caught.value.detail
    assert caught.value.problem.status == 400


def test_any_other_content_has_another_digest() -> None:
    """By it a copy is told from a conflict."""
    first, second = (Sample.from_json(golden.payload) for golden in accepted_requests())
    assert digest(first) != digest(second)

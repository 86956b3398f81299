"""The page's server answers its own page on this machine, and tells it no more than reviewers are to know."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterable, Iterator

import psutil
import pytest
from support import reviewing
from support.collected import Collected, put
from support.emulators import Emulators
from support.reviewing import Page

from howsitgoing_models.errors import ParameterError
from howsitgoing_models.review.rules import Rules, Shown

Fill = Callable[[Iterable[Collected]], str]
NUMBER = 4


@pytest.fixture(scope="module")
def shared(cloud: Emulators, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One page for all tests that leave no vote behind."""
    put(cloud, [reviewing.unlabelled(number) for number in range(NUMBER)], "demo-guard")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**cloud.environment, "HOME": str(tmp_path_factory.mktemp("home"))}.items():
            patch.setenv(name, value)
        with reviewing.page("demo-guard") as running:
            yield running


def test_other_sites_and_other_machines_are_refused(shared: Page) -> None:
    """A page elsewhere, opened in the same browser, can send requests here; DNS can lead any name here."""
    path = "/api/next?as=r1"
    assert shared.ask(path)[0] == 200
    assert shared.ask(path, Origin=shared.base)[0] == 200
    refused = {
        "another site": ({"Origin": "http://evil.example"}, 403),
        "a sandboxed frame": ({"Origin": "null"}, 403),
        "another port of this machine": ({"Origin": "http://127.0.0.1:1"}, 403),
        "another site, without Origin": ({"Sec_Fetch_Site": "cross-site"}, 403),
        "another name (DNS rebinding)": ({"Host": "evil.example"}, 400),
        "no token": ({"Authorization": ""}, 401),
        "another token": ({"Authorization": f"Bearer {shared.token[:-1]}"}, 401),
        "a token that is no ASCII": ({"Authorization": "Bearer \xe4"}, 401),
    }
    assert {what: shared.ask(path, **headers)[0] for what, (headers, _) in refused.items()} == {
        what: status for what, (_, status) in refused.items()
    }
    handle = shared.ask(path)[1]["faces"][0]
    for what, (headers, status) in refused.items():
        vote = {"as": "r1", "value": "happy"}
        assert shared.ask(f"/api/faces/{handle}/vote", vote, **headers)[0] == status, what
        assert shared.ask(f"/api/faces/{handle}/picture", **headers)[0] == status, what
    assert shared.ask(path)[1]["status"]["progress"]["done"] == 0


def test_it_listens_on_the_loopback_alone(fill: Fill) -> None:
    """Faces of a data set are nobody's business in the same Wi-Fi; and a port that is taken is said, not overtaken."""
    project = fill([reviewing.unlabelled(1)])
    with reviewing.command(project) as page:
        sockets = [one.laddr for one in psutil.Process(page.process.pid).net_connections("tcp") if one.status == "LISTEN"]
        assert [socket.ip for socket in sockets] == ["127.0.0.1"]
        with pytest.raises(ParameterError, match="it is taken, or may not be used"):
            reviewing.review("page", "--project", project, "--port", str(sockets[0].port))
        assert page.end() == (0, "")


def test_the_page_can_load_nothing_from_elsewhere_and_leaves_nothing_behind(shared: Page) -> None:
    """Its headers say so to the browser: no other source, no cache on disk, no frame around it."""
    with urllib.request.urlopen(shared.base + "/", timeout=10) as answer:  # noqa: S310  loopback
        headers, body = answer.headers, answer.read().decode()
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert shared.token not in body
    assert "Set-Cookie" not in headers


def test_reviewers_learn_nothing_about_person_or_device(fill: Fill) -> None:
    """Neither ids, which tell the time, nor device, consent, path or session; and with 'never' not what the network says."""
    samples = [reviewing.unlabelled(number) for number in range(NUMBER)]
    seen = []
    with reviewing.page(fill(samples), Rules(shown=Shown.NEVER)) as page:
        for _ in range(NUMBER):
            _, answer = page.ask("/api/next?as=r1")
            handle = answer["faces"][0]
            seen += [answer, page.ask(f"/api/faces/{handle}/prediction", {"as": "r1"})[1]]
            seen.append(page.ask(f"/api/faces/{handle}/vote", {"as": "r1", "value": "happy"})[1])
    told = json.dumps(seen)
    secrets = [(one.name, one.content["device_id"], one.content["consent"]["reference"]) for one in samples]
    assert [secret for one in secrets for secret in (*one, "faces/hat", "scores", "emotion-1") if secret in told] == []


BAD = {
    "outside the list": ({"as": "r1", "value": "bored"}, 400, "'bored' is no label: known are angry, disgust"),
    "another case": ({"as": "r1", "value": "Happy"}, 400, "is no label"),
    "no label": ({"as": "r1"}, 400, "'' is no label"),
    "a name": ({"as": "Dr. Smith", "value": "happy"}, 400, "cannot be a reviewer's pseudonym"),
    "nobody": ({"value": "happy"}, 400, "cannot be a reviewer's pseudonym"),
    "a list": (["happy"], 400, "cannot be a reviewer's pseudonym"),
    "too much": ({"as": "r1", "value": "x" * 5000}, 413, ""),
}


@pytest.mark.parametrize(("body", "status", "words"), BAD.values(), ids=BAD)
def test_what_is_no_vote_is_refused(shared: Page, body: object, status: int, words: str) -> None:
    """And nothing of it is kept."""
    handle = shared.ask("/api/next?as=r1")[1]["faces"][0]
    code, told = shared.ask(f"/api/faces/{handle}/vote", body)
    assert code == status
    assert words in told["error"]
    assert shared.ask("/api/next?as=r1")[1]["status"]["waiting"] == 0


def test_a_face_that_was_never_given_out_is_none(shared: Page) -> None:
    """Handles are of chance: ids of samples lead nowhere."""
    name = reviewing.unlabelled(1).name
    assert shared.ask(f"/api/faces/{name}/picture")[0] == 410
    assert shared.ask(f"/api/faces/{name}/vote", {"as": "r1", "value": "happy"})[0] == 410
    assert shared.ask("/api/undo", {"as": "r1"})[0] == 200


def test_disputed_faces_come_first_and_one_more_reviewer_is_asked(fill: Fill) -> None:
    """Two disagree: a third sees that face before all others; where two agree, nobody is asked again."""
    project = fill([reviewing.unlabelled(number) for number in range(NUMBER)])
    with reviewing.page(project) as page:
        handles = {}
        for by, said in (("r1", "happy"), ("r2", "happy")):
            for place in range(NUMBER):
                handle = page.ask(f"/api/next?as={by}")[1]["faces"][0]
                handles[by, place] = handle
                page.ask(f"/api/faces/{handle}/vote", {"as": by, "value": "sad" if (by, place) == ("r2", 2) else said})
        assert [handles["r1", place] for place in range(NUMBER)] == [handles["r2", place] for place in range(NUMBER)]
        answer = page.ask("/api/next?as=r3")[1]
        assert answer["faces"] == [handles["r1", 2]]
        assert answer["status"]["progress"]["contested"] == 1
        page.ask(f"/api/faces/{handles['r1', 2]}/vote", {"as": "r3", "value": "sad"})
        assert page.ask("/api/next?as=r4")[1]["faces"] == []

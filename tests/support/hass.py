"""A real Home Assistant in a process of its own, in the interpreter that runs the tests; talked to as its apps do.

with HomeAssistantProcess(tmp_path) as hass:
    hass.onboard()
    hass.add_mqtt(broker.port)
    hass.call("light.turn_on", entity_id="light.lamp")
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import aiohttp
import custom_components
import pytest
import requests
from support.mosquitto import free_port
from support.waiting import until

READY_SECONDS = 90.0
"""On a busy machine; alone it takes 3"""
COMPONENTS = Path(custom_components.__file__).parent
CONFIGURATION = """
homeassistant:
  name: Test house
  time_zone: Europe/Berlin
  unit_system: metric
  country: DE
automation: !include automations.yaml
frontend:
history:
logbook:
recorder:
system_health:
input_boolean:
  lamp:
    name: Lamp
light:
  - platform: template
    lights:
      lamp:
        friendly_name: Lamp
        value_template: "{{ is_state('input_boolean.lamp', 'on') }}"
        turn_on:
          action: input_boolean.turn_on
          target: {entity_id: input_boolean.lamp}
        turn_off:
          action: input_boolean.turn_off
          target: {entity_id: input_boolean.lamp}
logger:
  default: info
"""
ONBOARDED = {"version": 4, "minor_version": 1, "key": "onboarding", "data": {"done": ["core_config", "analytics"]}}
"""The step core_config would set up the weather and other things that want the internet."""


class HomeAssistantProcess:
    """One Home Assistant with our component, at 127.0.0.1."""

    def __init__(self, folder: Path, automations: str = "[]", configuration: str = "") -> None:
        """Starts when entered, or by `start`.

        Args:
            folder: its configuration folder, kept over restarts; components that are there already are taken instead of ours.
            automations: content of automations.yaml.
            configuration: further lines of configuration.yaml.
        """
        self.folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._session = requests.Session()
        self.tokens: dict[str, Any] = {}
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "custom_components").exists():
            (folder / "custom_components").symlink_to(COMPONENTS)
        (folder / "automations.yaml").write_text(automations)
        (folder / ".storage").mkdir(exist_ok=True)
        (folder / ".storage" / "onboarding").write_text(json.dumps(ONBOARDED))
        http = f"http:\n  server_host: 127.0.0.1\n  server_port: {self._port}\n"
        (folder / "configuration.yaml").write_text(CONFIGURATION + http + configuration)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where its frontend is."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def token(self) -> str:
        """What a client signs in with, once there is a user."""
        return str(self.tokens["access_token"])

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """All that it said, over all its starts."""
        path = self.folder / "out.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def complaints(self) -> list[str]:
        """Lines of its log that are warnings or worse and concern us; that custom components are untested is always said."""
        bad = (" WARNING ", " ERROR ", " CRITICAL ", "custom_components/howsitgoing")  # the last: an exception came through us
        ours = [line for line in self.log.splitlines() if "howsitgoing" in line and any(word in line for word in bad)]
        return [line for line in ours if "has not been tested by Home Assistant" not in line]

    def start(self) -> None:
        """Start, with the same configuration as before, and wait until it answers."""
        command = [sys.executable, "-m", "homeassistant", "--config", str(self.folder), "--skip-pip"]
        with (self.folder / "out.log").open("ab") as log:
            home = {**os.environ, "HOME": str(self.folder)}
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(self._answers, READY_SECONDS, 0.1)

    def wait_until_running(self) -> None:
        """Everything is set up, and automations are on; needs a user."""
        until(lambda: self.get("/api/config")["state"] == "RUNNING", READY_SECONDS, 0.1)

    def stop(self) -> None:
        """End it in peace: states are written down."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def onboard(self) -> None:
        """A first user, as the first page of the frontend makes one."""
        user = {"name": "Test", "username": "test", "password": "test-password", "language": "en", "client_id": self.url}
        code = self.post("/api/onboarding/users", user)["auth_code"]
        form = {"grant_type": "authorization_code", "code": code, "client_id": self.url}
        answer = self._session.post(f"{self.url}/auth/token", data=form, timeout=30)
        answer.raise_for_status()
        self.tokens = answer.json()
        self._session.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        self.post("/api/onboarding/integration", {"client_id": self.url, "redirect_uri": f"{self.url}/?auth_callback=1"})
        self.wait_until_running()

    def add_mqtt(self, port: int) -> None:
        """Set up the MQTT integration, as a person does."""
        flow = self.post("/api/config/config_entries/flow", {"handler": "mqtt"})
        done = self.post(f"/api/config/config_entries/flow/{flow['flow_id']}", {"broker": "127.0.0.1", "port": port})
        assert done["type"] == "create_entry", done

    def discovered(self, handler: str = "howsitgoing") -> list[dict[str, Any]]:
        """The cards "Discovered" on the integrations page."""
        flows: list[dict[str, Any]] = self.ask("config_entries/flow/progress")
        return [flow for flow in flows if flow["handler"] == handler]

    def confirm(self, flow_id: str) -> dict[str, Any]:
        """Press "Add" and "Submit"."""
        answer: dict[str, Any] = self.post(f"/api/config/config_entries/flow/{flow_id}", {})
        return answer

    def state(self, entity_id: str) -> str | None:
        """State of one entity; None: there is no such entity."""
        found = self.entity(entity_id)
        return None if found is None else str(found["state"])

    def entity(self, entity_id: str) -> dict[str, Any] | None:
        """State and attributes of one entity; None: there is no such entity."""
        answer = self._session.get(f"{self.url}/api/states/{entity_id}", timeout=30)
        return answer.json() if answer.status_code == HTTPStatus.OK else None

    def states(self, part: str = "") -> dict[str, str]:
        """All states of entities with ``part`` in their id."""
        return {state["entity_id"]: state["state"] for state in self.get("/api/states") if part in state["entity_id"]}

    def wait_for_state(self, entity_id: str, state: str, within: float = 15) -> None:
        """Until the entity has that state."""
        until(lambda: self.state(entity_id) == state, within, 0.05)

    def call(self, action: str, **data: Any) -> Any:  # noqa: ANN401  JSON
        """Call an action, and wait until it is done."""
        return self.post(f"/api/services/{action.replace('.', '/')}", data)

    def get(self, path: str) -> Any:  # noqa: ANN401  JSON
        """GET of the REST API."""
        answer = self._session.get(self.url + path, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, data: dict[str, Any]) -> Any:  # noqa: ANN401  JSON
        """POST to the REST API."""
        answer = self._session.post(self.url + path, json=data, timeout=60)
        if not answer.ok:
            pytest.fail(f"{path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()

    def ask(self, command: str, **data: Any) -> Any:  # noqa: ANN401  JSON
        """One command of the websocket API, as the frontend sends them."""
        with ThreadPoolExecutor(1) as another:  # the caller's thread may have an event loop of its own: pytest's, a browser's
            return another.submit(asyncio.run, self._ask({"id": 1, "type": command, **data})).result()

    async def _ask(self, message: dict[str, Any]) -> Any:  # noqa: ANN401  JSON
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0) as socket,
        ):
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self.token})
            assert (await socket.receive_json())["type"] == "auth_ok"
            await socket.send_json(message)
            answer = await socket.receive_json(timeout=60)
        assert answer["success"], answer
        return answer["result"]

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            pytest.fail(f"Home Assistant does not start:\n{self.log[-4000:]}")
        try:
            return requests.get(f"{self.url}/manifest.json", timeout=5).ok
        except requests.RequestException:
            return False

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
                pytest.fail(f"Home Assistant does not end:\n{self.log[-4000:]}")
            finally:
                self._process = None

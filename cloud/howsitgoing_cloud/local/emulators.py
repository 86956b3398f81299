"""Google's Firestore emulator and a Storage emulator, on the loopback and in memory: all that they hold ends with them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from howsitgoing_cloud.errors import ConfigError
from howsitgoing_cloud.local.processes import LOOPBACK, Server, free_port

JAR_VARIABLE: Final = "HOWSITGOING_CLOUD_FIRESTORE_EMULATOR_JAR"
_JAR: Final = "cloud-firestore-emulator*.jar"
_MAIN: Final = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"


def find_firestore_jar() -> Path:
    """The emulator's jar: where the variable says, or of gcloud, or of firebase-tools.

    Raises:
        ConfigError: it is nowhere; the message says how to get it.
    """
    if named := os.environ.get(JAR_VARIABLE):
        if not Path(named).is_file():
            raise ConfigError(f"{JAR_VARIABLE}: {named} is no file")
        return Path(named)
    for folder in (_gcloud_folder(), Path.home() / ".cache/firebase/emulators"):
        if folder and (found := sorted(folder.glob(_JAR))):
            return found[-1]
    raise ConfigError(
        "the Firestore emulator is not installed: gcloud components install cloud-firestore-emulator "
        f"(Debian: apt install google-cloud-cli-firestore-emulator), or name its jar in {JAR_VARIABLE}"
    )


def firestore_emulator(folder: Path, rules: Path | None = None) -> Server:
    """The Firestore emulator, not started yet; its log goes into ``folder``.

    Raises:
        ConfigError: the emulator or Java is missing.
    """
    java = shutil.which("java")
    if java is None:
        raise ConfigError("the Firestore emulator needs Java: sudo apt install default-jre-headless")
    port = free_port()
    command = [java, "-Duser.language=en", "-cp", str(find_firestore_jar()), _MAIN, "--host", LOOPBACK, "--port", str(port)]
    if rules is not None:
        command.append(f"--rules={rules}")
    return Server("Firestore emulator", command, port, folder / "firestore.log", os.environ)


def storage_emulator(folder: Path, bucket: str) -> Server:
    """The Storage emulator with one empty bucket, not started yet; its log goes into ``folder``.

    Raises:
        ConfigError: it is not installed.
    """
    if importlib.util.find_spec("gcp_storage_emulator") is None:
        raise ConfigError("the Storage emulator is not installed: pip install gcp-storage-emulator")
    port = free_port()
    command = [sys.executable, "-m", "gcp_storage_emulator", "start", "--quiet", "--in-memory"]
    command += ["--host", LOOPBACK, "--port", str(port), "--default-bucket", bucket]
    return Server("Storage emulator", command, port, folder / "storage.log", os.environ)


def emulator_environment(firestore: Server, storage: Server) -> dict[str, str]:
    """Variables that lead Google's clients to the emulators."""
    return {"FIRESTORE_EMULATOR_HOST": firestore.host, "STORAGE_EMULATOR_HOST": storage.url}


def _gcloud_folder() -> Path | None:
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return None
    beside = Path(gcloud).resolve().parent.parent / "platform/cloud-firestore-emulator"
    if beside.is_dir():
        return beside  # asking gcloud itself takes a second
    asked = subprocess.run(  # noqa: S603  gcloud as found on PATH
        [gcloud, "info", "--format=value(installation.sdk_root)"], capture_output=True, text=True, timeout=30, check=False
    )
    return Path(asked.stdout.strip()) / "platform/cloud-firestore-emulator" if asked.returncode == 0 else None

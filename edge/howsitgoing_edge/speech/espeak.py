"""espeak-ng, where it is installed: speaks any text in some hundred languages. A program of its own, never a shell."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from typing import Final

import numpy as np

from howsitgoing_edge.errors import SpeakerError, VoiceError
from howsitgoing_edge.speech import sound

WORDS_A_MINUTE: Final = 165
"""A little below espeak-ng's own 175: these words are heard on the street, once."""
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_UNSPEAKABLE: Final = re.compile(r"[\x00-\x1f\x7f]+")


class Espeak:
    """One text at a time; `stop` may be called from another thread."""

    def __init__(self, program: str = "espeak-ng", *, timeout: float = 10.0) -> None:
        """``program`` is looked up on PATH at every text, since it may be installed while we run; ``timeout`` in seconds."""
        self._program = program
        self._timeout = timeout
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def installed(self) -> bool:
        """Whether any text can be spoken at all."""
        return shutil.which(self._program) is not None

    def speak(self, text: str, language: str) -> sound.Samples:
        """``text`` as sound, neither trimmed nor levelled; empty for a text without anything to speak.

        Raises:
            VoiceError: espeak-ng is not installed, or knows no such language.
            SpeakerError: it did not answer in time, or with something that is no sound.
        """
        path = shutil.which(self._program)
        if path is None:
            raise VoiceError("cannot speak free text: espeak-ng is not installed (sudo apt install espeak-ng)")
        if not _LANGUAGE.fullmatch(language):
            raise VoiceError(f"cannot speak free text: {language[:20]!r} is no language")
        command = [path, "-v", language.lower(), "-b", "1", "-z", "-s", str(WORDS_A_MINUTE), "--stdin", "--stdout"]
        pipe = subprocess.PIPE
        with self._starting:
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603  fixed words, checked language
            self._process = process
        with process:
            try:
                output, complaint = process.communicate(_UNSPEAKABLE.sub(" ", text).encode(), self._timeout)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise SpeakerError(f"espeak-ng did not answer within {self._timeout:g} s") from error
        if process.returncode:
            detail = complaint.decode(errors="replace").strip().splitlines() or [f"exit code {process.returncode}"]
            raise VoiceError(f"espeak-ng cannot speak {language!r}: {detail[0]}")
        return _parsed(output)

    def stop(self) -> None:
        """End a text that is being worked on; its `speak` raises VoiceError."""
        with self._starting:
            if self._process is not None and self._process.poll() is None:
                self._process.kill()


def _parsed(wav: bytes) -> sound.Samples:
    """The samples of a streamed WAV, whose length fields mean nothing."""
    if not wav:
        return np.zeros(0, np.float32)
    data = wav.find(b"data", 12)
    if wav[:4] != b"RIFF" or data < 0 or wav[20:24] != b"\x01\x00\x01\x00" or wav[34:36] != b"\x10\x00":
        raise SpeakerError("espeak-ng answered with something that is not mono 16-bit sound")
    body = wav[data + 8 :]
    samples = np.frombuffer(body[: len(body) // 2 * 2], "<i2").astype(np.float32) / 32768
    return sound.converted(samples, int.from_bytes(wav[24:28], "little"))

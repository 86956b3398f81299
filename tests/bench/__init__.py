"""Benchmarks: ``make bench``, or ``python -m tests.bench`` in the repository's root. Medians, targets, and a baseline."""

import sys
from pathlib import Path

_TESTS = str(Path(__file__).resolve().parents[1])
if _TESTS not in sys.path:  # pytest puts it there, python -m does not; the helpers in tests/support are shared with the tests
    sys.path.insert(0, _TESTS)

"""Runs a pipeline: in this process by default, or wherever ``--runner`` says; its first cause in one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from howsitgoing_models.errors import DataError, ParameterError

HERE: Final = "here"
PARTS: Final = 64
"""Of the collection, by default: what many machines can share"""
PARTS_HERE: Final = 8
"""Enough for the cores of one machine; each part costs queries of its own"""
_WHERE: Final = re.compile(r" \[while running .*$", re.DOTALL)
_CAUSE: Final = re.compile(r"(?:^|\n|')(?:[\w.]*\.)?(DataError|ParameterError): (.*?)(?= \[while running|\n|$)")


def run(build: Callable[[Any], None], runner: str, options: Sequence[str]) -> dict[str, int]:
    """Build and run a pipeline; its counters.

    Args:
        build: adds transforms to the pipeline it is given.
        runner: ``here``, or any runner that Beam knows: DataflowRunner, SparkRunner, FlinkRunner ...
        options: Beam's own, as ``name=value``.

    Raises:
        DataError: a step failed.
        ParameterError: Beam does not know the runner or takes it without an option that it needs.
    """
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions, SetupOptions

    flags = [f"--{option}" for option in options]
    try:
        configured = PipelineOptions([*flags, *([] if runner == HERE else [f"--runner={runner}"])])
        configured.view_as(SetupOptions).save_main_session = False
        pipeline = beam.Pipeline(runner=_runner() if runner == HERE else None, options=configured)
    except (ValueError, SystemExit, ImportError) as error:
        raise ParameterError(f"--runner {runner}: {str(error)[:200]}") from error
    build(pipeline)
    try:
        result = pipeline.run()
        result.wait_until_finish()
    except Exception as error:
        raise _explained(error) from error
    counters = result.metrics().query()["counters"]
    return {counter.key.metric.name: int(counter.result) for counter in counters}


def _runner() -> Any:  # noqa: ANN401  Beam carries no types
    """Beam's in-process runner itself: DirectRunner would first try to fetch another one, a program of Go."""
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    return FnApiRunner()


def _explained(error: Exception) -> DataError:
    """Workers report what happened as text; our own errors in it are the cause."""
    if isinstance(error, DataError):
        return DataError(_WHERE.sub("", str(error)))
    for found in (error, error.__cause__, error.__context__):
        if found is not None and (causes := _CAUSE.findall(str(found))):
            return DataError(causes[-1][1].strip())
    last = next((line for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)
    return DataError(f"the pipeline stopped: {last.strip()[:300]}; the same command again goes on where it was")

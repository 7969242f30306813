"""Convert files with the real program, run the cases, and return the requests that they send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from boomtalk.engine.convert.convert import Source, convert
from boomtalk.engine.convert.har import Wanted

from tests.hrp.recording import Recorder, Seen
from tests.support.boomtalk_cli import Ended, run_cli


@dataclass(frozen=True)
class Sent:
    """The requests that converted cases sent, and the output of `convert`."""

    converted: Ended
    requests: Sequence[Seen]

    def lines(self) -> list[str]:
        return [f"{one.method} {one.target}" for one in self.requests]


def sent(recorder: Recorder, folder: Path, *words: str) -> Sent:
    """Convert with these arguments, check and run the result; return the requests."""
    converted = run_cli("convert", *words, "-o", "cases", cwd=folder)
    assert converted.code == 0, converted
    checked = run_cli("check", "cases", cwd=folder)
    assert checked.code == 0, checked
    assert checked.err == ""
    recorder.seen.clear()
    ended = run_cli("run", "cases", "-c", cwd=folder)
    assert ended.code == 0, ended
    return Sent(converted, list(recorder.seen))


def cases_of(*texts: str, wanted: Wanted | None = None, name: str = "source") -> dict[str, Any]:
    """Convert texts in this process; return the written cases by file name."""
    sources = [Source(f"{name}-{at}" if at else name, text) for at, text in enumerate(texts)]
    found = convert(sources, wanted or Wanted(), {}, "files")
    return {file: yaml.safe_load(text) for file, text in found.cases.items()}


def requests_of(*texts: str, wanted: Wanted | None = None) -> list[dict[str, Any]]:
    """Return the requests of all written cases."""
    cases = cases_of(*texts, wanted=wanted).values()
    steps = [step for case in cases for step in case["teststeps"]]
    return [step["request"] for step in steps if "request" in step]


def notes_of(*texts: str, wanted: Wanted | None = None) -> str:
    """Return the notes of the conversion."""
    sources = [Source("source", text) for text in texts]
    return "\n".join(map(str, convert(sources, wanted or Wanted(), {}, "files").notes))

"""Run a load test with the real program, and return all its results: report, samples, exit code."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import Ended, Running, read_report, started

ID_HEADER = "X-Request-Id"
GET = "config: {{name: one}}\nteststeps: [{{name: ask, request: {{method: GET, url: {url}}}}}]\n"

Sample = Mapping[str, Any]


@dataclass(frozen=True)
class Results:
    """The results of a run; `samples` are the lines of the samples file in their order."""

    ended: Ended
    report: dict[str, Any]
    samples: list[Sample]

    def of_kind(self, kind: str) -> list[Sample]:
        return [sample for sample in self.samples if sample["kind"] == kind]

    def errors(self) -> dict[tuple[str, str], int]:
        """Return the number of failures by kind and detail."""
        counted: Counter[tuple[str, str]] = Counter()
        for error in self.report["errors"]:
            counted[error["kind"], error["detail"]] += error["count"]
        return dict(counted)


class Boom:
    """Runs `boomtalk boom` in a folder, with a case given as text."""

    def __init__(self, folder: Path, url: str) -> None:
        self.case = folder / "case.yml"
        self.url = url
        self._report, self._samples = folder / "report.json", folder / "samples.jsonl"

    def __call__(self, case: str, *flags: str, env: Mapping[str, str] | None = None) -> Results:
        """Run the program to its end, with any exit code."""
        with self.running(case, *flags, env=env) as running:
            ended = running.wait()
        return self.results(ended)

    @contextmanager
    def running(
        self, case: str, *flags: str, env: Mapping[str, str] | None = None
    ) -> Iterator[Running]:
        self.case.write_text(case)
        fixed: Sequence[str | os.PathLike[str]] = (
            *("boom", self.case, "--base-url", self.url, "--no-out", "--plain"),
            *("--json", self._report, "--samples", self._samples, "--id-header", ID_HEADER),
        )
        with started([*fixed, *flags], env=env) as running:
            yield running

    def results(self, ended: Ended) -> Results:
        assert self._report.exists(), ended
        lines = self._samples.read_text().splitlines()
        results = Results(ended, read_report(self._report), [json.loads(line) for line in lines])
        check_samples(results)
        return results


def check_samples(results: Results) -> None:
    """Assert that the samples match the report, request by request."""
    check_accounting(results.report)
    accounting = results.report["accounting"]
    kinds = Counter(sample["kind"] for sample in results.samples)
    failed = sum(kinds.values()) - kinds["ok"] - kinds["cancelled"]
    told = {"ok": kinds["ok"], "cancelled": kinds["cancelled"], "failed": failed}
    assert told == {name: accounting[name] for name in told}
    assert len({sample["id"] for sample in results.samples}) == accounting["issued"]


def check_ids(results: Results, seen: Iterable[str]) -> None:
    """Assert that no request is lost, invented or sent twice; `seen` are the server's ids."""
    times = Counter(seen)
    ids = {sample["id"] for sample in results.samples}
    # If a response failed a check, the server has seen its request all the same.
    answered = {sample["id"] for sample in results.samples if sample["status"] is not None}
    assert times.keys() - ids == set(), "lost: the server saw them, the results do not hold them"
    assert answered - times.keys() == set(), "phantom: counted as answered, but never sent"
    assert [one for one, number in times.items() if number > 1] == [], "sent twice"

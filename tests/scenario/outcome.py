"""Run a piece of a case, and return what was sent, failed, or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from boomtalk.engine import CaseError

from tests.functional.servers import json_answer
from tests.http.scripted_server import OK, Answer
from tests.scenario.bench import Bench


def case_of(*steps: Mapping[str, Any], **config: Any) -> str:
    """Return the text of a case; JSON is YAML, too."""
    named = {"name": "c", "base_url": "$URL", **config}
    return json.dumps({"config": named, "teststeps": steps})


def posting(value: Any, **around: Any) -> dict[str, Any]:
    """Return a step that sends a value as JSON."""
    return {"name": "s", "request": {"method": "POST", "url": "/", "json": value}, **around}


def sent(bench: Bench, case: str, script: Mapping[bytes, Answer] | None = None) -> list[Any]:
    """Run a case in which nothing fails; return the JSON of each request."""
    results, server = bench.run(case, script)
    assert results.passed, [trace.failure for row in results.rows for trace in row.traces]
    return [json.loads(asked.body) if asked.body else None for asked in server.asked]


def asked_for(bench: Bench, case: str, script: Mapping[bytes, Answer] | None = None) -> list[str]:
    """Run a case, and return the paths that were requested."""
    _, server = bench.run(case, script)
    return [asked.line.split()[1].decode() for asked in server.asked]


def told(bench: Bench, case: str) -> str:
    """Return the problems of a case that is refused before anything is sent."""
    with pytest.raises(CaseError) as error:
        bench.run(case)
    return "\n".join(map(str, error.value.problems))


def failures(bench: Bench, case: str, body: bytes = b"{}") -> list[str | None]:
    """Run a case whose requests are answered with `body`; return the failure of each step."""
    row = bench.row(case, {b"/": json_answer(body)})
    return [trace.failure.message if trace.failure else None for trace in row.traces]


def anything(*paths: str) -> dict[bytes, Answer]:
    return {path.encode(): OK for path in paths}

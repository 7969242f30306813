"""Test that requests, even failed ones, leave no reference cycles behind."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest
from boomtalk.engine import Load, Ramp, load_cases
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.load.run import Run
from boomtalk.examples.target import TargetProcess

from tests.support.bad_server import BadServerProcess

ITERATIONS = 300
CASE = """
config: {{name: x}}
teststeps:
  - name: one
    request: {{method: GET, url: "{url}"}}
    extract: {{found: body.x}}
    validate: [{{eq: [status_code, 200]}}]
  - name: two
    request: {{method: GET, url: "{url}", headers: {{X-Found: "$found{end}"}}}}
"""
SITUATIONS = {
    "all is well": ("{target}/", "", 0),
    "a check fails": ("{target}/status/418", "", ITERATIONS),
    "the server hangs up": ("{bad}/close-before-response", "", ITERATIONS),
    "a request cannot be built": ("{target}/", "\\0", ITERATIONS),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_iterations_make_no_cycles(
    name: str, target: TargetProcess, bad_server: BadServerProcess, tmp_path: Path
) -> None:
    url, end, failures = SITUATIONS[name]
    case = tmp_path / "case.yml"
    case.write_text(CASE.format(url=url.format(target=target.url, bad=bad_server.url), end=end))

    async def main() -> tuple[Outcome, int]:
        run = Run(load_cases([case]).cases, Load(Ramp(3), iterations=ITERATIONS))
        await run.prepare()
        gc.collect()
        before = collected()
        gc.disable()
        try:
            outcome = await run.execute()
            gc.collect()
        finally:
            gc.enable()
        return outcome, collected() - before

    outcome, cycles = asyncio.run(main())
    assert outcome.snapshot.iterations.failed == failures, outcome.snapshot.errors
    # The run itself leaves this much once; a cycle per iteration would be hundreds more.
    assert cycles < ITERATIONS


def collected() -> int:
    return sum(generation["collected"] for generation in gc.get_stats())

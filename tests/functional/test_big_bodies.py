"""Test that a failed step with a large body costs no more than what is shown of it."""

from __future__ import annotations

import io
import tracemalloc

from boomtalk.engine import StepFailed
from boomtalk.engine.functional.screen import RunScreen
from boomtalk.engine.http.head import Head
from boomtalk.engine.http.request import Request
from boomtalk.engine.http.response import Response
from boomtalk.engine.output.known_values import KnownValues
from boomtalk.engine.output.masking import Mask
from boomtalk.engine.scenario.functional_trace import Trace
from rich.console import Console
from yarl import URL

BODY = b"a b=c&" * 3_000_000
MOST = 1_000_000


def test_a_step_with_a_large_body_is_shown_at_the_cost_of_what_is_shown() -> None:
    shown = io.StringIO()
    screen = RunScreen(Console(file=shown, width=100), Mask(KnownValues.of(["secret-of-env"])))
    trace = Trace("step", "request-GET", 0.0)
    trace.request = Request("GET", URL("http://127.0.0.1/"), (("X", "x"),))
    trace.response = Response(Head(200, "1.1", b"OK", [], []), BODY)
    trace.failure = StepFailed("check", "no " + trace.response.body)

    tracemalloc.start()
    try:
        screen.step(trace)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < MOST
    assert "< a b=c&a b=c&" in shown.getvalue()
    assert len(shown.getvalue()) < 20_000

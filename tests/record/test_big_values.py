"""Test that a request is kept at the cost of what is shown of it, however large its values are."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from boomtalk.engine import HttpOptions, StepFailed
from boomtalk.engine.http.agent import Agent
from boomtalk.engine.http.head import Head
from boomtalk.engine.http.multipart import Multipart, TextPart
from boomtalk.engine.http.network import Network
from boomtalk.engine.http.request import Request
from boomtalk.engine.http.response import Response
from boomtalk.engine.measure.stats import Stats
from boomtalk.engine.output.known_values import KnownValues
from boomtalk.engine.output.masking import Mask
from boomtalk.engine.record.samples import sample_of
from boomtalk.engine.scenario.chance import Chance
from boomtalk.engine.scenario.kept import Keeper
from boomtalk.engine.scenario.session import Session
from boomtalk.engine.values.builtins import Form
from yarl import URL

URL_ = URL("http://127.0.0.1/")
MEGABYTES = 20_000_000
TEXT = "a b=c&" * (MEGABYTES // 6)
ROW = {"id": 1, "name": "x" * 100, "tags": ["a", "b"]}
# Copying, encoding or masking any of these would take some 20 MB of memory.
LARGE: dict[str, Any] = {
    "a text": TEXT,
    "bytes": TEXT.encode(),
    "a list": [ROW] * (MEGABYTES // 150),
    "a map": {str(number): ROW for number in range(MEGABYTES // 150)},
    "a text in a map": {"rows": TEXT},
    "a name in a map": {TEXT: 1},
    "a form": Form({"field": TEXT}),
}
MOST = 500_000

Keep = Callable[[Keeper, Session], object]


def failing(request: Request | None, response: Response | None, variables: dict[str, Any]) -> Keep:
    series = Stats().step("case", "step", "request-GET")
    failure = StepFailed("check", "no")
    return lambda keeper, session: keeper.add_failure(
        failure, series, session, request, response, variables
    )


def kept(keep: Keep) -> tuple[dict[str, Any], int]:
    """Keep a request and write its sample; return that, and the most memory that it took."""

    async def main() -> tuple[dict[str, Any], int]:
        network = Network(HttpOptions())
        session, keeper = Session(Agent(network), Chance(1)), Keeper(lambda: 1.0)
        tracemalloc.start()
        try:
            keep(keeper, session)
            (one,) = keeper.take_failures()
            sample = sample_of(one, Mask(KnownValues.of(["secret-of-env"])))
            return sample, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            await network.close()

    return asyncio.run(main())


@pytest.mark.parametrize("words", LARGE)
def test_a_large_variable_costs_no_more_than_what_is_shown_of_it(words: str) -> None:
    sample, most = kept(failing(None, None, {"v": LARGE[words], "after": "it"}))

    assert most < MOST
    assert len(sample["variables"]["v"]) <= 501
    assert sample["variables"]["after"] == "it"


def test_large_bodies_cost_no_more_than_what_is_shown_of_them() -> None:
    body = TEXT.encode()
    request = Request("POST", URL_, (("X", "x"),), body)
    response = Response(Head(200, "1.1", b"OK", [], []), body)

    sample, most = kept(failing(request, response, {}))

    assert most < MOST
    for message in (sample["request"], sample["response"]):
        assert message["body"].startswith("a b=c&a b=c&")
        assert message["body"].endswith(f"… ({len(body)} bytes)")
    assert len(sample["curl"]) < 3_000


def test_large_fields_of_a_form_cost_no_more_than_what_is_shown_of_them() -> None:
    form = Multipart([TextPart("a", TEXT), TextPart("b", "short")])

    sample, most = kept(failing(Request("POST", URL_, form=form), None, {}))

    assert most < MOST
    assert "a=a b=c&a b=c&" in sample["curl"]
    assert "b=short" in sample["curl"]


def test_a_secret_is_masked_in_the_beginning_of_a_large_value() -> None:
    value = {"token": TEXT, "texts": ["secret-of-env " * 1_000_000]}

    sample, _ = kept(failing(None, None, {"v": value, "password": TEXT}))

    assert "secret-of" not in json.dumps(sample)
    assert sample["variables"]["password"] == "***"
    assert '"token":"***"' in sample["variables"]["v"]


def test_a_request_that_cannot_be_copied_is_counted_all_the_same() -> None:
    class Hostile(dict[str, Any]):
        def items(self) -> Any:
            raise RuntimeError("no items")

    keeper = Keeper(lambda: 1.0)
    session: Any = object()

    failing(None, None, {"v": Hostile()})(keeper, session)

    assert keeper.take_failures() == []

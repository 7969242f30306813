"""Test that websocket actions give samples like requests."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from aiohttp import WSMsgType, web
from boomtalk.engine import Load, Ramp, RunSettings, load_cases
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.load.run import Run
from boomtalk.engine.measure.samples import Sample

from tests.support.websocket_server import serving

CASE = """
config: {name: chat}
teststeps:
  - {name: open, websocket: {type: open, url: /ws}}
  - {name: both, websocket: {type: wr, url: /ws, text: hello}}
  - {name: other, websocket: {type: r, url: /elsewhere}}
"""


async def echo(ids: list[str | None], request: web.Request) -> web.WebSocketResponse:
    ids.append(request.headers.get("X-Request-Id"))
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
    return socket


async def chat(case: Path, ids: list[str | None], samples: list[Sample]) -> Outcome:
    async with serving(partial(echo, ids)) as port:
        run = Run(
            load_cases([case]).cases,
            Load(Ramp(1), iterations=2),
            RunSettings(base_url=f"http://127.0.0.1:{port}", id_header="X-Request-Id"),
            take_sample=samples.append,
        )
        await run.prepare()
        return await run.execute()


def test_each_action_is_a_sample_and_the_opening_one_carries_its_id(tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    case.write_text(CASE)
    ids: list[str | None] = []
    samples: list[Sample] = []
    outcome = asyncio.run(chat(case, ids, samples))
    counts = outcome.snapshot.accounting
    # The third step has no connection to its URL, so it is not issued and gives no sample.
    assert (counts.ok, counts.not_issued) == (4, 2)
    assert outcome.snapshot.total.status == {101: 2}
    assert [(one.step, one.kind) for one in samples] == [("open", "ok"), ("both", "ok")] * 2
    assert [samples[0].id, samples[2].id] == ids
    assert all(one.latency is not None and one.latency > 0 for one in samples)
    assert len({one.id for one in samples}) == counts.issued

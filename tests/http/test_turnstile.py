"""Test that connections are set up a few at a time, without a distant server ever waiting."""

from __future__ import annotations

import asyncio

import pytest
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.agent import Agent
from boomtalk.engine.http.network import Network
from boomtalk.engine.http.options import HttpOptions
from boomtalk.engine.http.request import Request
from boomtalk.engine.http.turnstile import Place, Turnstile
from yarl import URL

_FEW = 300


def test_a_place_is_given_to_the_next_one_in_the_order_of_the_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("boomtalk.engine.http.turnstile._LONGEST", 600.0)

    async def main() -> None:
        turnstile = Turnstile(asyncio.get_running_loop())
        inside: list[Place] = []

        async def enter() -> None:
            inside.append(turnstile.enter() or await turnstile.wait())

        tasks = [asyncio.create_task(enter()) for _ in range(_FEW)]
        for _ in range(3):
            await asyncio.sleep(0)
        places = len(inside)
        assert places < _FEW
        tasks[places].cancel()
        turnstile.leave(inside[0])
        turnstile.leave(inside[0])  # gives up no place of another
        for _ in range(3):
            await asyncio.sleep(0)
        assert len(inside) == places + 1
        assert tasks[places].cancelled()
        assert tasks[places + 1].done()
        for place in inside:  # grows meanwhile
            turnstile.leave(place)
            await asyncio.sleep(0)
        assert len(inside) == _FEW - 1

    asyncio.run(main())


def test_a_place_that_nobody_leaves_is_only_for_a_moment() -> None:
    async def main() -> None:
        turnstile = Turnstile(asyncio.get_running_loop())
        for _ in range(_FEW):
            assert turnstile.enter() or await turnstile.wait()

    asyncio.run(main())


def test_any_number_of_connections_to_a_slow_server_are_set_up_at_once() -> None:
    async def main() -> None:
        arrived, all_are_there = 0, asyncio.Event()

        async def refuse_when_all_are_there(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            nonlocal arrived
            await reader.readuntil(b"\r\n\r\n")
            arrived += 1
            if arrived == _FEW:
                all_are_there.set()
            await all_are_there.wait()
            writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(refuse_when_all_are_there, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        network = Network(HttpOptions(proxy=f"http://127.0.0.1:{port}", timeout=60))
        agents = [Agent(network) for _ in range(_FEW)]
        request = Request("GET", URL("https://127.0.0.1:9/"))
        ends = await asyncio.gather(*(one.send(request) for one in agents), return_exceptions=True)
        assert all(isinstance(end, StepFailed) and "503" in end.message for end in ends), ends[0]
        for agent in agents:
            agent.close()
        await network.close()
        server.close()
        await server.wait_closed()

    asyncio.run(main())

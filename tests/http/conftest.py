"""Play exchanges between the agent of one user and a scripted server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvloop
from boomtalk.engine.http.agent import Agent
from boomtalk.engine.http.network import Network
from boomtalk.engine.http.options import HttpOptions
from boomtalk.engine.http.request import Request
from yarl import URL

from .scripted_server import Answer, ScriptedServer, scripted

Story = Callable[[ScriptedServer, Agent, Network], Awaitable[None]]


async def act(story: Callable[..., Awaitable[None]], server: object, options: HttpOptions) -> None:
    """Run a test body with the server, an agent and its network."""
    network = Network(options)
    agent = Agent(network)
    try:
        await story(server, agent, network)
    finally:
        agent.close()
        await network.close()


@pytest.fixture(params=["asyncio", "uvloop"])
def play(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Run a test body against a scripted server, on both event loops."""
    runner = asyncio.run if request.param == "asyncio" else uvloop.run

    def tell(script: dict[bytes, Answer], story: Story, options: HttpOptions | None = None) -> None:
        async def main() -> None:
            async with scripted(script) as server:
                await act(story, server, options or HttpOptions(timeout=10))

        runner(main())

    return tell


def get(server: ScriptedServer, path: str, **options: object) -> Request:
    return Request("GET", URL(server.url + path), **options)  # type: ignore[arg-type]

"""Serve a websocket that sends back every message: `python -m perf.bench.echo PORT`."""

from __future__ import annotations

import asyncio
import signal
import sys

import uvloop
from aiohttp import WSMsgType, web


class Echo:
    """Echoes and counts the messages of all connections."""

    def __init__(self) -> None:
        self._messages = 0

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/__status":
            return web.json_response(self._messages)
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._messages += 1
                await socket.send_str(message.data)
        return socket


async def serve(port: int) -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    runner = web.ServerRunner(web.Server(Echo().answer, access_log=None), shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=4096).start()
    await over.wait()
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))

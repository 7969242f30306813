"""Run load tests for a testing platform over HTTP: start, watch, stop them, keep their reports.

`python -m boomtalk.examples.platform.service --cases testcases --loads loads`; see README.md.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from boomtalk.engine import BoomtalkError, CaseError, Run, second_as_dict

from .loads import Loads

# The only names of folders and files that a client can send.
LOAD = r"/loads/{id:[0-9a-f]{32}}"
FILE = r"/{file:report\.(?:json|html)}"


@dataclass(frozen=True, slots=True)
class Handlers:
    """The answers of the service."""

    loads: Loads

    async def cases(self, _request: web.Request) -> web.Response:
        return web.json_response(self.loads.names())

    async def list(self, _request: web.Request) -> web.Response:
        return web.json_response(self.loads.states())

    async def start(self, request: web.Request) -> web.Response:
        order = await request.json()
        if not isinstance(order, dict):
            raise ValueError("the body is not a JSON object")
        name = await self.loads.start(order)
        return web.json_response({"id": name}, status=201, headers={"Location": f"/loads/{name}"})

    async def numbers(self, request: web.Request) -> web.Response:
        return web.json_response(self._run(request).outcome().report())

    async def seconds(self, request: web.Request) -> web.StreamResponse:
        run, stream = self._run(request), web.StreamResponse()
        stream.content_type = "application/x-ndjson"
        await stream.prepare(request)
        async for second in run.seconds():
            await stream.write(json.dumps(second_as_dict(second)).encode() + b"\n")
        return stream

    async def stop(self, request: web.Request) -> web.Response:
        self._run(request)
        is_now = request.query.get("now") == "1"
        return web.json_response(await self.loads.stop(request.match_info["id"], now=is_now))

    async def kept(self, request: web.Request) -> web.FileResponse:
        path = self.loads.folder / request.match_info["id"] / request.match_info["file"]
        if not path.is_file():
            raise web.HTTPNotFound(text="there is no such report; a load has one when it has ended")
        return web.FileResponse(path)

    async def close(self, _app: web.Application) -> None:
        await self.loads.close()

    def _run(self, request: web.Request) -> Run:
        run = self.loads.running.get(request.match_info["id"])
        if run is None:
            raise web.HTTPNotFound(text="no such load is running")
        return run


def service(cases: Path, folder: Path, token: str) -> web.Application:
    """Return the service; every request needs the header `Authorization: Bearer TOKEN`."""
    answers = Handlers(Loads(cases, folder))
    app = web.Application(middlewares=[guarded(token), told])
    app.router.add_get("/cases", answers.cases)
    app.router.add_get("/loads", answers.list)
    app.router.add_post("/loads", answers.start)
    app.router.add_get(LOAD, answers.numbers)
    app.router.add_get(f"{LOAD}/seconds", answers.seconds)
    app.router.add_post(f"{LOAD}/stop", answers.stop)
    app.router.add_get(LOAD + FILE, answers.kept)
    app.on_shutdown.append(answers.close)
    return app


def guarded(token: str) -> Middleware:
    wanted = f"Bearer {token}".encode()

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if not hmac.compare_digest(given, wanted):
            raise web.HTTPUnauthorized(text="send the header Authorization: Bearer TOKEN")
        return await handler(request)

    return guard


@web.middleware
async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer wrong orders with what is wrong and what to send."""
    try:
        return await handler(request)
    except CaseError as error:  # without the names of our files
        problems = [
            {"line": one.place.line, "step": one.place.step, "what": one.what, "hint": one.hint}
            for one in error.problems
        ]
        return web.json_response({"error": "the case cannot run", "problems": problems}, status=400)
    except BoomtalkError as error:
        return web.json_response({"error": str(error), "hint": error.hint}, status=400)
    except (LookupError, ValueError) as error:
        return web.json_response({"error": str(error), "hint": "send a JSON object"}, status=400)


def main() -> None:
    parser = argparse.ArgumentParser(description="Run load tests over HTTP.")
    parser.add_argument("--cases", type=Path, required=True, help="folder of the case files")
    parser.add_argument("--loads", type=Path, default=Path("loads"), help="folder of the reports")
    parser.add_argument("--port", type=int, default=8090)
    options = parser.parse_args()
    token = os.environ.get("PLATFORM_TOKEN") or secrets.token_urlsafe()
    print(f"token: {token}", flush=True)
    web.run_app(service(options.cases, options.loads, token), host="127.0.0.1", port=options.port)


if __name__ == "__main__":
    main()

"""Test that a walk from iteration to iteration keeps to what stands between two iterations."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvloop
import yaml
from boomtalk.engine import ArrivalRate, Load, Ramp, RunSettings, load_cases
from boomtalk.engine.http.response import Response
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.load.run import Run
from boomtalk.engine.scenario.walk import Walk
from boomtalk.engine.stop import Stop
from boomtalk.plugins import PluginPool
from msgspec.structs import replace

from tests.support.cut import cut_after
from tests.support.raw_http import Connection, Finished, answer, json_answer


@dataclass
class Server:
    """Counts requests by path; its `asked` is set by each, and answers wait for `goes_on`."""

    paths: Counter[str] = field(default_factory=Counter)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(0, reader, writer)
        self.connections += 1
        try:
            while (request := await connection.request()) is not None:
                self.paths[request.path] += 1
                self.asked.set()
                await self.goes_on.wait()
                if request.path == "/moved":
                    await connection.send(answer(b"", "302 Found", "Location: /there"))
                else:
                    await connection.send(json_answer({"code": 0}))
        except (Finished, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def served() -> AsyncIterator[Server]:
    server = Server()
    server.goes_on.set()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()


def case(folder: Path, name: str, *urls: str, **config: object) -> Path:
    path = folder / f"{name}.yml"
    steps = [{"name": url, "request": {"method": "GET", "url": url}} for url in urls]
    path.write_text(yaml.safe_dump({"config": {"name": name, **config}, "teststeps": steps}))
    return path


async def prepared(server: Server, load: Load, *paths: Path, stop: Stop | None = None) -> Run:
    settings = RunSettings(base_url=server.url)
    run = Run(load_cases(list(paths)).cases, load, settings, stop=stop)
    await run.prepare()
    return run


def ran(load: Load, *paths: Path) -> tuple[Server, Outcome]:
    """Run the load to its end; return the server and the outcome."""

    async def main() -> tuple[Server, Outcome]:
        async with served() as server:
            return server, await (await prepared(server, load, *paths)).execute()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


@pytest.mark.parametrize("shape", [Ramp(1), Ramp(3), ArrivalRate(200, 3), ArrivalRate(2000, 50)])
@pytest.mark.parametrize("limits", [{}, {"max_requests": 1e6}, {"max_iterations": 1e6}])
def test_each_ticket_of_several_cases_is_used_once(
    tmp_path: Path, shape: Ramp | ArrivalRate, limits: dict[str, float]
) -> None:
    paths = [case(tmp_path, name, f"/{name}", f"/{name}/2") for name in ("one", "other")]
    server, outcome = ran(Load(shape, iterations=50, **limits), *paths)
    assert outcome.snapshot.iterations.completed == outcome.snapshot.iterations.started == 50
    assert outcome.snapshot.accounting.ok == sum(server.paths.values()) == 100
    assert server.paths["/one"] + server.paths["/other"] == 50
    assert server.paths["/one"] == server.paths["/one/2"] > 0
    assert server.paths["/other"] == server.paths["/other/2"] > 0


def test_each_row_is_used_by_one_iteration(tmp_path: Path) -> None:
    rows = {"id": list(range(20))}
    options = {"pick_order": "unique"}
    path = case(tmp_path, "rows", "/$id", parameters=rows, parameters_setting=options)
    server, outcome = ran(Load(Ramp(2)), path)
    assert server.paths == Counter(f"/{number}" for number in range(20))
    assert outcome.snapshot.accounting.ok == 20
    assert outcome.stopped_by == "data"


def test_each_user_does_its_loops(tmp_path: Path) -> None:
    server, outcome = ran(Load(Ramp(4), loops=7), case(tmp_path, "loops", "/a", "/b"))
    assert server.paths == {"/a": 28, "/b": 28}
    assert outcome.snapshot.iterations.completed == 28


def test_a_paused_run_begins_no_iteration(tmp_path: Path) -> None:
    async def main() -> None:
        async with served() as server:
            stop = Stop()
            path = case(tmp_path, "paused", "/a", "/b")
            run = await prepared(server, Load(Ramp(1)), path, stop=stop)
            server.goes_on.clear()
            running = asyncio.create_task(run.execute())
            await server.asked.wait()
            run.toggle_pause()
            server.goes_on.set()
            # The user of another run gets through: this one had the time to begin, too.
            other = case(tmp_path, "other", "/c")
            await (await prepared(server, Load(Ramp(1), loops=3), other)).execute()
            assert server.paths == {"/a": 1, "/b": 1, "/c": 3}
            run.toggle_pause()
            server.asked.clear()
            await server.asked.wait()
            stop.request("signal")
            outcome = await running
            assert outcome.snapshot.accounting.ok == sum(server.paths.values()) - 3

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_a_user_cancelled_after_its_response_came_is_counted_once(tmp_path: Path) -> None:
    async def main() -> Outcome:
        async with served() as server:
            stop = Stop()
            load = Load(Ramp(20), graceful_stop=0.0)
            run = await prepared(server, load, case(tmp_path, "cut", "/a"), stop=stop)
            running = asyncio.create_task(run.execute())
            # A request that waits for its connection is issued and not on the wire.
            while server.paths["/a"] < 500 or server.connections < 20:
                await asyncio.sleep(0)
            stop.request("signal")
            outcome = await running
            assert outcome.snapshot.accounting.issued == outcome.wire.requests
            return outcome

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        counted = runner.run(main()).snapshot.accounting
    assert counted.issued == counted.ok + counted.cancelled


@pytest.mark.parametrize("urls", [["/a", "/b"], ["/a", "/b", "/c"]])
@pytest.mark.parametrize("limits", [{}, {"max_requests": 1e6}])
def test_a_user_who_is_cut_between_a_response_and_its_next_request_counts_it_once(
    tmp_path: Path, urls: list[str], limits: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The response is settled and has woken the user, whose turn comes after the cut."""
    # The first request opens the connection; the response to the second one comes to the walk.
    take = Walk.take

    def take_and_cut(walk: Walk, response: Response) -> None:
        take(walk, response)
        users = [task for task in asyncio.all_tasks() if "User.run" in repr(task.get_coro())]
        assert [task.cancel() for task in users] == [True]

    async def main() -> Outcome:
        async with served() as server:
            run = await prepared(server, Load(loops=1, **limits), case(tmp_path, "one", *urls))
            monkeypatch.setattr(Walk, "take", take_and_cut)
            return await run.execute()

    snapshot = asyncio.run(main()).snapshot
    counts = snapshot.accounting
    assert (counts.ok, counts.ok + counts.cancelled) == (2, counts.issued)
    assert snapshot.errors == ()
    assert snapshot.iterations.interrupted == 1


@pytest.mark.parametrize("urls", [["/a"], ["/a", "/moved", "/b"]])
@pytest.mark.parametrize("limits", [{}, {"max_requests": 1e6}])
def test_an_open_load_that_is_cut_in_any_turn_counts_all_it_began(
    tmp_path: Path, urls: list[str], limits: dict[str, float]
) -> None:
    """Users may wait for a response, for a connection, or for a task that has not begun."""

    async def cut(turns: int) -> Outcome:
        async with served() as server:
            load = Load(ArrivalRate(50_000, max_users=30), graceful_stop=0.0, **limits)
            stop = Stop()
            run = await prepared(server, load, case(tmp_path, "cut", *urls), stop=stop)
            outcome = await cut_after(turns, run, stop)
            assert server.connections <= outcome.wire.connections_opened <= 30
            return outcome

    for turns in range(60):
        snapshot = asyncio.run(cut(turns)).snapshot
        counts, iterations = snapshot.accounting, snapshot.iterations
        assert counts.issued == counts.ok + counts.cancelled, turns
        assert iterations.running == 0, turns
        assert iterations.started == iterations.completed + iterations.interrupted, turns
        assert snapshot.users == 0


@pytest.mark.parametrize("load", [Load(Ramp(5)), Load(ArrivalRate(50_000, max_users=5))])
def test_an_iteration_whose_step_failed_before_the_cut_has_failed(
    tmp_path: Path, load: Load
) -> None:
    path = case(tmp_path, "fails", "/a", "/b")
    path.write_text(f"{path.read_text()}  validate: [{{eq: [status_code, 404]}}]\n")

    async def cut(turns: int) -> Outcome:
        async with served() as server:
            stop, most = Stop(), replace(load, graceful_stop=0.0)
            run = await prepared(server, most, path, stop=stop)
            return await cut_after(turns, run, stop)

    failed = 0
    for turns in range(60):
        snapshot = asyncio.run(cut(turns)).snapshot
        assert snapshot.accounting.failed == snapshot.iterations.failed, turns
        failed += snapshot.iterations.failed
    assert failed


CALLS = """
def sign(text):
    return text[::-1]

def fail(text):
    raise ValueError(text)
"""


@pytest.mark.parametrize("load", [Load(Ramp(5)), Load(ArrivalRate(50_000, max_users=5))])
@pytest.mark.parametrize(
    "value",
    ["${sign(hello)}", "${sign(a)}-${sign(b)}", "${fail(a)}", "${sleep(0)}", "${sleep(0.001)}"],
)
@pytest.mark.parametrize("limits", [{}, {"max_requests": 1e6}])
def test_users_who_are_cut_while_a_plugin_works_are_counted_once(
    tmp_path: Path, load: Load, value: str, limits: dict[str, float]
) -> None:
    (tmp_path / "debugtalk.py").write_text(CALLS)
    path = case(tmp_path, "calls", "/a", variables={"given": "hello"})
    text = path.read_text().replace("request:", f"variables: {{signed: '{value}'}}\n  request:")
    path.write_text(text.replace("url: /a", "url: /a/$signed"))
    fails = "fail" in value

    async def main() -> None:
        async with served() as server, PluginPool() as pool:
            for turns in range(90):
                stop, most = Stop(), replace(load, graceful_stop=0.0, **limits)
                settings = RunSettings(base_url=server.url)
                run = Run(load_cases([path]).cases, most, settings, plugins=pool, stop=stop)
                await run.prepare()
                check(await cut_after(turns, run, stop))

    def check(outcome: Outcome) -> None:
        counts, iterations = outcome.snapshot.accounting, outcome.snapshot.iterations
        assert counts.issued == counts.ok + counts.cancelled
        assert counts.not_issued == sum(error.count for error in outcome.snapshot.errors)
        assert counts.not_issued == iterations.failed
        assert iterations.failed == 0 or fails
        ends = iterations.completed + iterations.failed + iterations.interrupted
        assert (iterations.running, iterations.started) == (0, ends)
        (plugin,) = outcome.plugins
        assert (plugin.in_flight, plugin.queued) == (0, 0)
        ended = plugin.ok + plugin.errors + plugin.cancelled
        assert plugin.calls == ended

    asyncio.run(main())

"""Test the example of a platform over HTTP: it starts, streams, stops and keeps loads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from boomtalk.examples import DEMO_CASE
from boomtalk.examples.platform.service import service
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.processes import Auditor

TOKEN = "open sesame"
TEXT = """
config: {name: from a text}
teststeps: [{name: list, request: {method: GET, url: /api/items}}]
"""
Story = Callable[[ClientSession], Awaitable[None]]


def play(folder: Path, story: Story, token: str = TOKEN) -> None:
    """Let a client talk to the service, and shut it down afterwards."""

    async def main() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            TestServer(service(DEMO_CASE.parent, folder, TOKEN)) as server,
            ClientSession(str(server.make_url("/")), headers=headers) as client,
        ):
            await story(client)

    asyncio.run(main())


async def start(client: ClientSession, **order: Any) -> str:
    async with client.post("/loads", json=order) as answer:
        assert answer.status == 201, await answer.text()
        return str(answer.headers["Location"])


async def read(client: ClientSession, path: str, method: str = "GET") -> Any:
    async with client.request(method, path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


def test_a_load_is_started_watched_stopped_and_kept(
    target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    async def story(client: ClientSession) -> None:
        assert await read(client, "/cases") == ["login.yml", "shop.yml"]
        order = {"case": "shop.yml", "users": 3, "duration": 60, "base_url": target.url}
        load = await start(client, **order, thresholds=["error_rate<1%"])
        seconds = []
        async with client.get(f"{load}/seconds") as stream:
            async for line in stream.content:
                seconds.append(orjson.loads(line))
                if len(seconds) == 1:
                    assert (await read(client, load))["exit_code"] is None
                    told = await read(client, f"{load}/stop", "POST")
        report = await read(client, f"{load}/report.json")
        assert told == report
        assert report["seconds"] == seconds
        assert (report["stopped_by"], report["exit_code"]) == ("caller", 0)
        assert report["wire"]["requests"] == target.stats()["requests"] > 0
        check_accounting(report)
        async with client.get(f"{load}/report.html") as page:
            assert "shop" in await page.text()

    play(tmp_path / "loads", story)


def test_loads_outlive_the_service_and_are_cut_by_its_end(
    target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    started = []

    async def begin(client: ClientSession) -> None:
        started.append(await start(client, text=TEXT, users=2, duration=60, base_url=target.url))
        async with client.get(f"{started[0]}/seconds") as stream:
            await stream.content.readline()

    async def look(client: ClientSession) -> None:
        assert await read(client, "/loads") == [{"id": started[0][7:], "state": "ended"}]
        report = await read(client, f"{started[0]}/report.json")
        assert report["accounting"]["ok"] > 0
        check_accounting(report)

    play(tmp_path, begin)
    play(tmp_path, look)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ({"case": "../shop.yml"}, "no such case"),
        ({"case": "/etc/passwd"}, "no such case"),
        ({"case": ["shop.yml"]}, "no such case"),
        ({}, "no case"),
        ({"text": TEXT, "case": "shop.yml"}, "no case"),
        ({"text": 3}, "text of a case file"),
        ({"text": "teststeps: [{reqest: {}}]"}, "reqest"),
        ({"text": TEXT.replace("/api/items", "'/${secret()}'")}, "secret"),
        ({"text": "teststeps: [{testcase: ../shop.yml}]"}, "leads out of the project"),
        ({"text": TEXT, "users": 1_000_000}, "500"),
        ({"text": TEXT, "users": -1}, "users must be 1 or more"),
        ({"text": TEXT, "users": "many"}, "users must be a number"),
        ({"text": TEXT, "duration": None}, "3600"),
        ({"text": TEXT, "base_url": 7}, "base_url must be a URL"),
        ({"text": TEXT, "thresholds": ["fast"]}, "not a threshold"),
        ({"text": TEXT, "out": "/tmp"}, "there is no out"),
        (["text"], "not a JSON object"),
    ],
)
def test_a_wrong_order_is_refused_and_leaves_nothing(
    order: Any, told: str, target: TargetProcess, tmp_path: Path
) -> None:
    async def story(client: ClientSession) -> None:
        if isinstance(order, dict):
            order.setdefault("base_url", target.url)
        async with client.post("/loads", json=order) as answer:
            assert answer.status == 400, await answer.text()
            text = await answer.text()
            assert told in text
            assert str(tmp_path) not in text
        assert await read(client, "/loads") == []

    play(tmp_path / "loads", story)
    assert target.stats()["requests"] == 0


def test_no_path_and_no_stranger_gets_at_files(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{}")
    (tmp_path / "loads").mkdir()
    paths = ("/loads/../report.json", "/loads/%2e%2e/report.json", f"/loads/{'0' * 32}/../x")

    async def friend(client: ClientSession) -> None:
        for path in (*paths, f"/loads/{'0' * 32}/report.json", f"/loads/{'0' * 32}"):
            async with client.get(path) as answer:
                assert answer.status == 404

    async def stranger(client: ClientSession) -> None:
        for path in ("/cases", "/loads", *paths):
            async with client.get(path) as answer:
                assert answer.status == 401

    play(tmp_path / "loads", friend)
    play(tmp_path / "loads", stranger, token="sesame")

"""Test `--web` with the program: its address, its end, its report."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import Running, marks_of, read_report, run_cli, started

from .feeding import events_of


def url_of(running: Running) -> str:
    found = re.search(r"^live page: (http://127\.0\.0\.1:\d+/[\w-]{22}/)$", running.err, re.M)
    assert found, running.err
    return found[1]


async def watched(url: str) -> list[tuple[str, Any]]:
    """Press buttons while the load runs, stop it, and return all events to its end."""
    found = []
    async with aiohttp.ClientSession() as client, client.get(f"{url}events") as response:
        async for name, data in events_of(response):
            found.append((name, data))
            buttons = {2: ("mark", "more", "pause", "pause"), 3: ("stop",)}
            for button in buttons.get(len(found), ()):
                async with client.post(url + button) as answer:
                    assert answer.status == 204
    return found


def test_a_load_that_the_page_stops_has_a_full_report_and_everybody_gets_its_page(
    target: TargetProcess, tmp_path: Path
) -> None:
    report, page = tmp_path / "report.json", tmp_path / "page.html"
    flags = ("-u", "2", "--max-rps", "50", "--no-out", "-q", "--json", report, "--html", page)
    with started(("boom", f"{target.url}/", *flags, "--web", "0")) as running:
        running.wait_for("live page")
        (first, begun), *seconds, (last, whole) = asyncio.run(watched(url_of(running)))
        ended = running.wait()
    assert ended.code == 130, ended
    assert (first, last) == ("begin", "end")
    assert whole == page.read_text()
    told = read_report(report)
    check_accounting(told)
    assert told["stopped_by"] == "signal"
    assert marks_of(told)[:4] == ["mark 1 of the live page", "+1 users", "paused", "resumed"]
    slices = [*begun["slices"], *(one for _, data in seconds for one in data["slices"])]
    counted = sum(row[1] for one in slices for step in one["steps"] for row in step["slices"])
    assert counted == told["accounting"]["issued"] == target.stats()["requests"]


@pytest.mark.parametrize("flags", [(), ("--dry-run",)])
def test_a_port_that_is_taken_is_told_before_anything_is_sent(
    target: TargetProcess, flags: tuple[str, ...]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        words = ("boom", f"{target.url}/", "-i", "3", "--no-out", "--web", port)
        ended = run_cli(*words, *flags)
    # A dry run serves nothing.
    assert ended.code == (0 if flags else 2), ended
    assert (f"--web cannot listen on 127.0.0.1:{port}" in ended.err) is not bool(flags)
    assert target.stats()["requests"] == 0

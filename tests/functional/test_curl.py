"""Test that the curl command of a failed step sends the same bytes as the step."""

from __future__ import annotations

import asyncio
import re
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.http.scripted_server import Answer, Asked, scripted
from tests.support.boomtalk_cli import run_cli
from tests.support.waiting import PATIENCE

from .servers import json_answer

NO = json_answer(b"", status=b"500 No")
CASE = """
config: {name: c, base_url: $URL}
teststeps:
  - name: s
    request: {REQUEST}
    validate: [{eq: [status_code, 200]}]
"""
REQUESTS = {
    "query": 'method: GET, url: /, params: {a: "b c", "d[]": ["{1}", "&"]}',
    "json": r"""method: POST, url: /, json: {name: "it's", note: "é \\ $$HOME"}""",
    "text": r"""method: PUT, url: /, body: "two\nlines 'quoted' \\n\t!" """,
    "text with a type": 'method: POST, url: /, headers: {Content-Type: a/b}, body: "@a"',
    "text that is not shown": r'method: POST, url: /, body: "a\x01b\u202e"',
    "head": "method: HEAD, url: /",
    "delete": "method: DELETE, url: /",
    "headers": """method: GET, url: /, headers: {X-Empty: '', X-A: "it's; @x", Accept: a/b}""",
    "form": "method: POST, url: /, data: {a: 'b c', d: '@e'}",
    "upload": """method: POST, url: /, upload: {
      one: '@a b.json', two: '@c.txt;type=x/y;filename=d.txt', three: '"@text"', four: a}""",
}


@pytest.mark.extra
@pytest.mark.parametrize("name", REQUESTS)
def test_the_command_sends_the_request_again(tmp_path: Path, name: str) -> None:
    (tmp_path / "debugtalk.py").touch()
    (tmp_path / "a b.json").write_text("[1]")
    (tmp_path / "c.txt").write_text("c")
    sent, again = asyncio.run(_both(tmp_path, CASE.replace("REQUEST", REQUESTS[name])))
    assert again.line == sent.line
    assert _without_boundary(again.body) == _without_boundary(sent.body)
    assert _headers(again) == _headers(sent)


class _Always(dict[bytes, Answer]):
    def __missing__(self, path: bytes) -> Answer:
        return NO


async def _both(folder: Path, case: str) -> list[Asked]:
    """Return the request of the case, and the request of the curl command that is shown for it."""
    async with scripted(_Always()) as server:
        (folder / "case.yml").write_text(case.replace("$URL", server.url))
        ended = await asyncio.to_thread(run_cli, "run", "case.yml", cwd=folder)
        (command,) = re.findall(r"^ +(curl .*)$", ended.out, re.MULTILINE)
        script = ["bash", "-c", f"{command} --silent --max-time 10"]
        run = partial(subprocess.run, script, capture_output=True, timeout=PATIENCE)
        done = await asyncio.to_thread(run)
        assert done.returncode == 0, (command, done)
        return server.asked


def _headers(asked: Asked) -> set[bytes]:
    """Return the headers without the parts that depend on the boundary of a form."""
    apart = [b"accept-encoding"]
    if (asked.header(b"content-type") or b"").startswith(b"multipart/"):
        apart += [b"content-type", b"content-length"]
    lines = (line.partition(b":") for line in asked.head.split(b"\r\n")[1:])
    found = ((name.lower(), value.strip()) for name, _, value in lines)
    return {name + b": " + value for name, value in found if name not in apart}


def _without_boundary(body: bytes) -> bytes:
    return body.replace(body.partition(b"\r\n")[0], b"boundary") if body[:2] == b"--" else body

"""Test `http2: true` and `--http2` with the program, for `run` and for `boom`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import trustme

from tests.http.http2_server import Answer, Server, listening, server_context
from tests.http.scripted_server import OK, scripted
from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import Ended, read_report, run_cli

CASE = """
config: {name: c, base_url: $URL, verify: false}
teststeps:
  - name: a
    request: {method: POST, url: /a, http2: true, json: {n: 1}}
    extract: {proto: proto, tag: headers.ETag}
    validate: [{eq: [$proto, HTTP/2.0]}, {eq: [$tag, x]}, {eq: [body.n, 1]}]
"""
ANSWER = Answer(headers=(("content-type", "application/json"), ("etag", "x")), body=b'{"n": 1}')


def play(folder: Path, case: str, *words: object) -> tuple[Ended, Server]:
    async def main() -> tuple[Ended, Server]:
        server = Server({"/a": ANSWER})
        context = server_context(trustme.CA(), "h2")
        async with listening(server.serve, context) as server.url:
            (folder / "case.yml").write_text(case.replace("$URL", server.url))
            return await asyncio.to_thread(run_cli, *words, cwd=folder), server

    return asyncio.run(main())


def test_a_step_goes_over_http2_and_is_shown_so(tmp_path: Path) -> None:
    ended, server = play(tmp_path, CASE, "run", "case.yml", "-v")
    assert ended.code == 0, ended
    assert "< etag: x" in ended.out
    assert '< {"n":1}' in ended.out
    [asked] = server.asked
    assert json.loads(asked.body) == {"n": 1}


def test_a_load_counts_as_with_http_1(tmp_path: Path) -> None:
    report, samples = tmp_path / "report.json", tmp_path / "samples.jsonl"
    flags = ("-u", "3", "-i", "30", "--no-out", "--plain", "--id-header", "X-Id")
    case = CASE.replace(", http2: true", "")
    words = ("boom", "case.yml", *flags, "--http2", "--json", report, "--samples", samples)
    ended, server = play(tmp_path, case, *words)
    told = read_report(report)
    check_accounting(told)
    assert (ended.code, told["errors"]) == (0, []), ended
    assert told["accounting"]["ok"] == told["wire"]["requests"] == len(server.asked) == 30
    assert told["wire"]["connections_opened"] == server.connections <= 3
    assert told["steps"][0]["bytes_in"] == 30 * len(ANSWER.body)
    ids = {json.loads(line)["id"] for line in samples.read_text().splitlines()}
    assert {asked.fields["x-id"] for asked in server.asked} == ids
    assert len(ids) == 30


def test_a_server_without_http2_is_told_once(tmp_path: Path) -> None:
    async def main() -> tuple[Ended, int]:
        async with scripted({b"/a": OK}, ssl=server_context(trustme.CA())) as server:
            case = "config: {name: c, verify: false}\nteststeps: [{name: a, request: {url: U}}]"
            case = case.replace("url: U", f"method: GET, url: {server.url}/a")
            (tmp_path / "case.yml").write_text(case)
            words = ("boom", "case.yml", "--http2", "-u", "3", "-i", "30", "--no-out", "--plain")
            return await asyncio.to_thread(run_cli, *words, cwd=tmp_path), len(server.asked)

    ended, asked = asyncio.run(main())
    assert (ended.code, asked) == (0, 30), ended
    assert ended.err.count("does not offer HTTP/2: its requests go over HTTP/1.1") == 1


def test_http2_without_tls_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "case.yml").write_text(CASE.replace("$URL", "http://127.0.0.1:1"))
    for words in (["run"], ["boom", "-i", "1", "--no-out"], ["check"]):
        ended = run_cli(words[0], "case.yml", *words[1:], cwd=tmp_path)
        assert ended.code == 2, ended
        assert "case.yml:5: step 'a': request.url: http2: true needs https" in ended.err


def test_a_base_url_without_tls_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "case.yml").write_text(CASE.replace("base_url: $URL, ", ""))
    ended = run_cli("run", "case.yml", "--base-url", "http://127.0.0.1:1", cwd=tmp_path)
    assert ended.code == 2, ended
    assert "http2: true needs https, not 'http://127.0.0.1:1/a'" in ended.err

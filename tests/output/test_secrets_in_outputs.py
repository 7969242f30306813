"""Plant secrets everywhere in a run, and search all of its outputs for them, however written."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest

from tests.http.scripted_server import Answer, Asked, scripted
from tests.support.boomtalk_cli import Ended, run_cli
from tests.support.spellings import SPELLINGS

CASE = """
config:
  name: "secrets of ${ENV(FIRST)}"
  base_url: $URL
  variables: {private_key: in-the-case-1, first: "${ENV(FIRST)}"}
  export: [t]
teststeps:
- name: "take $first"
  request: {method: POST, url: "/in/the/${ENV(FIRST)}?q=${ENV(SECOND)}", json: {a: "${ENV(FIRST)}"}}
  extract: {t: body.access_token}
- name: use
  variables: {p: "$private_key"}
  request:
    method: POST
    url: /use
    params: {a: $t, b: "${ENV(SECOND)}"}
    headers: {X-Plain: "${again($t)}", Authorization: "Basic ${basic()}", X-Session: in-the-case-2}
    cookies: {sid: "in-the-case-3"}
    data: {a: "${ENV(SECOND)}", b: $p, passphrase: in-the-case-4}
  validate:
  - eq: [body.echo, "${ENV(FIRST)}"]
  - eq: [body.access_token, "${ENV(SECOND)}"]
- name: fail
  request: {method: GET, url: "/${fail()}"}
- name: refused
  request: {method: GET, url: "http://me:in-the-case-5@127.0.0.1:1/?sig=in-the-case-6"}
"""
PLUGIN = """
import base64, os, sys
from urllib.parse import quote_plus
def again(value):
    for name in ("FIRST", "SECOND"):
        print(os.environ[name], repr(os.environ[name]), quote_plus(os.environ[name]))
    return value
def basic():
    return base64.b64encode(("bob:" + os.environ["FIRST"]).encode()).decode()
def fail():
    raise ValueError("cannot use " + os.environ["SECOND"])
"""
SIGNS = "abcXYZ019 \"'<>&%+/\\\t{}[]=:;#?é好😀~"
PLAIN = tuple(f"in-the-case-{number}" for number in range(1, 7))
GIVEN = (".env", "debugtalk.py", "case.yml")
MARKDOWN = re.compile(r"[\\`*_\[\]<>|~&$]")
Texts = dict[str, str]
OUTPUTS = {
    "boom": ("json", "html", "markdown", "csv", "junit", "samples"),
    "run": ("json", "html", "junit"),
}


def secret(chance: random.Random) -> str:
    """Return a text of odd signs that may stand in an `.env`: no blanks around it."""
    return f"s{''.join(chance.choices(SIGNS, k=chance.randint(6, 20)))}e"


class Echo(dict[bytes, Answer]):
    """Answers each request with secrets in many spellings, under names that are not secret."""

    def __init__(self, secrets: Mapping[str, str], token: str) -> None:
        super().__init__()
        spelled = [spell(one) for one in secrets.values() for spell in SPELLINGS.values()]
        self.body = {"access_token": token, "echo": spelled, "session": {"id": [token]}}

    def __missing__(self, path: bytes) -> Answer:
        return self._answer

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        asked_for = (asked.head + asked.body).decode("utf-8", "replace")
        body = json.dumps({**self.body, "asked": asked_for}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nContent-Type: application/json"
        writer.write(f"{head}\r\nSet-Cookie: sid=in-the-case-3\r\n\r\n".encode() + body)


def outputs_of(folder: Path, command: str, secrets: Mapping[str, str], *flags: str) -> Texts:
    """Run the case, and return all that it shows and writes, by the name of the file."""
    files = [word for name in OUTPUTS[command] for word in (f"--{name}", f"out.{name}")]
    more = ("-v",) if command == "run" else ("-i", "6", "--out", "record")
    log = ("--log-level", "debug", "--log-file", "run.log", "--no-color")
    words = (command, "case.yml", *more, *files, *flags, *log, "-e", f"SECOND={secrets['SECOND']}")

    async def main() -> Ended:
        async with scripted(Echo(secrets, secrets["token"])) as server:
            (folder / "case.yml").write_text(CASE.replace("$URL", server.url))
            return await asyncio.to_thread(run_cli, *words, cwd=folder)

    (folder / ".env").write_text(f"FIRST={secrets['FIRST']}\n")
    (folder / "debugtalk.py").write_text(PLUGIN)
    ended = asyncio.run(main())
    texts = {"stdout": ended.out, "stderr": ended.err}
    if command == "boom":
        texts["curl"] = run_cli("report", "record", "--curl", "99", cwd=folder).out
    written = (path for path in folder.rglob("*") if path.is_file() and path.name not in GIVEN)
    return texts | {path.name: path.read_text() for path in written}


def leaks(texts: Texts, secret: str) -> set[tuple[str, str, str]]:
    """Return where a secret stands: the output, and the formats that write it there."""
    pairs = {
        (inner, outer): SPELLINGS[outer](SPELLINGS[inner](secret))
        for inner, outer in product(SPELLINGS, SPELLINGS)
    }
    pairs["plain", "Markdown"] = MARKDOWN.sub(lambda found: f"&#{ord(found[0])};", secret)
    return {
        (where, *how) for where, text in texts.items() for how, one in pairs.items() if one in text
    }


@pytest.fixture
def secrets(request: pytest.FixtureRequest) -> dict[str, str]:
    chance = random.Random(request.node.name)
    return {"FIRST": secret(chance), "SECOND": secret(chance), "token": f"token-{chance.random()}"}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("command", OUTPUTS)
def test_no_output_holds_a_secret_in_any_spelling(
    tmp_path: Path, command: str, seed: int, secrets: dict[str, str]
) -> None:
    texts = outputs_of(tmp_path, command, secrets)

    expected = {f"out.{name}" for name in OUTPUTS[command]} | {"stdout", "stderr", "run.log"}
    assert expected <= texts.keys()
    assert ("record.jsonl" in texts) == (command == "boom")
    found = {name: leaks(texts, value) for name, value in secrets.items()}
    if command == "run":  # an exported value stands there as it is
        found["token"] -= {one for one in found["token"] if one[0] == "out.json"}
    assert found == {"FIRST": set(), "SECOND": set(), "token": set()}
    assert [(one, where) for one in PLAIN for where in texts if one in texts[where]] == []


@pytest.mark.parametrize("command", OUTPUTS)
def test_the_search_finds_what_is_shown(
    tmp_path: Path, command: str, secrets: dict[str, str]
) -> None:
    """Without a mask the outputs would be full of secrets: prove that the search sees them."""
    shown = outputs_of(tmp_path, command, secrets, "--show", "FIRST", "--show", "second")

    found = {where for where, *_ in leaks(shown, secrets["FIRST"])}
    assert {"stdout", "run.log", "out.json", "out.html", "out.junit"} <= found
    if command == "boom":
        assert {"record.jsonl", "report.json", "out.markdown", "curl"} <= found

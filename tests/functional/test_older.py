"""Run the corpus of old spellings with the program, and look at what it sends."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

from tests.support.boomtalk_cli import run_cli

from .servers import json_answer, play

CORPUS = Path(__file__).parents[1] / "case" / "older"
ANSWER = json.dumps({"token": "0123456789abcdef", "id": 1000}).encode()

NAMES = {
    "reference": 1,
    "today": 1,
    "version 1": 4,
    "version 2": 1,
    "only a case": 1,
    "as tom": 2,
    "many": 4,
    "an api": 1,
    "by rows": 2,
}
# Each run of today.yaml includes one of reference.json, which includes one of version_2.yml.
REQUESTS = {
    "/get?who=nobody": 4,
    "/get?who=tom": 2,
    "/get?who=eve": 2,
    "/token": 22,
    "/users/1000": 8,
    "/reset": 8,
    "/look": 24,
    "/a": 8,
    "/after": 5,
}


def test_a_folder_of_old_files_is_checked_and_run_whole(tmp_path: Path) -> None:
    folder = tmp_path / "older"
    shutil.copytree(CORPUS, folder)
    checked = run_cli("check", "older", cwd=tmp_path)
    assert (checked.code, checked.err) == (0, "")

    paths = ("/token", "/users/1000", "/reset", "/look", "/a", "/after")
    queries = ("/get?who=nobody", "/get?who=tom", "/get?who=eve")
    answer = json_answer(ANSWER, b"session: s-1")
    flags = ("--base-url", "$URL", "--json", "summary.json")
    script = dict.fromkeys(map(str.encode, (*paths, *queries)), answer)
    ended, server = play(tmp_path, "run", "-c", "older", *flags, script=script)

    assert ended.code == 0, ended
    details = json.loads((tmp_path / "summary.json").read_text())["details"]
    assert Counter(one["name"].partition(" [")[0] for one in details) == NAMES
    asked = Counter(asked.line.split()[1].decode() for asked in server.asked)
    assert {path: asked[path] for path in (*queries, *paths)} == REQUESTS
    assert {asked.header(b"user") for asked in server.asked} >= {b"tom", b"amy", b"a", b"b"}

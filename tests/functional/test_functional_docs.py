"""The example of docs/running.md does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

from tests.http.scripted_server import OK

from .servers import play

PAGE = Path(__file__).parents[2] / "docs" / "running.md"


def test_the_hook_of_the_page_signs_the_request_of_the_page(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(), re.DOTALL))
    (tmp_path / "debugtalk.py").write_text(blocks["python"])
    case = blocks["yaml"].replace("http://127.0.0.1:8080", "$URL")
    ended, server = play(tmp_path, "run", "case.yml", script={b"/": OK}, case=case)
    assert ended.code == 0, ended
    assert server.asked[0].header(b"x-sign") == b"signed-GET"

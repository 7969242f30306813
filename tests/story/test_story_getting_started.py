"""The pages for beginners: their commands, in their order, do what is said."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from boomtalk.examples.target import TargetProcess

from ..support.boomtalk_cli import run_cli

DOCS = Path(__file__).parents[2] / "docs"


def indented(page: str) -> str:
    """Return the lines of a page's indented blocks."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return "".join(f"{line}\n" for line in re.findall(r"^    (?! )(.*)$", text, re.MULTILINE))


def recorded(url: str) -> str:
    request = {"method": "GET", "url": f"{url}/api/items", "headers": []}
    entry = {"request": request, "response": {"status": 200}}
    return json.dumps({"log": {"entries": [entry]}})


def test_the_commands_of_the_first_steps_work(tmp_path: Path, target: TargetProcess) -> None:
    commands = [shlex.split(line) for line in indented("getting-started.md").splitlines()]
    (tmp_path / "visit.har").write_text(recorded(target.url))
    done = []
    for _, command, *words in commands:
        if command == "target":
            env = tmp_path / "shop" / ".env"
            env.write_text(env.read_text().replace("http://127.0.0.1:8080", target.url))
            continue
        words += {"doctor": ["--no-ceiling"], "boom": ["-d", "1s"]}.get(command, [])
        ended = run_cli(command, *words, cwd=tmp_path)
        # What a machine lacks is no fault of the page.
        assert ended.code in ((0, 1) if command == "doctor" else (0,)), ended
        done.append(command)

    assert done == ["doctor", "init", "check", "run", "boom", "convert", "run"]


def test_the_example_of_a_conversion_is_what_comes_out(tmp_path: Path) -> None:
    page = (DOCS / "converting.md").read_text(encoding="utf-8")
    command = re.search(r"^    curl .*?(?=\n\n)", page, re.DOTALL | re.MULTILINE)
    shown = re.search(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert command
    assert shown
    (tmp_path / "login.sh").write_text(command[0])
    ended = run_cli("convert", "login.sh", cwd=tmp_path)

    assert ended.code == 0, ended
    assert (tmp_path / "converted" / "login.yml").read_text() == shown[1]
    (line,) = re.findall(r"a line `(.*?)` in `converted/.env`", page)
    assert (tmp_path / "converted" / ".env").read_text() == f"{line}\n"

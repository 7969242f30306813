"""Test that the project of `init` passes `check`, and that the commands of its README work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import Ended, run_cli, started


def commands_of(readme: Path) -> list[list[str]]:
    blocks = re.findall(
        r"^```sh\n(.*?)^```", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def test_a_new_project_passes_its_check_at_once(tmp_path: Path) -> None:
    made = run_cli("init", "shop", cwd=tmp_path)
    assert made.code == 0, made

    checked = run_cli("check", "shop", cwd=tmp_path)
    assert checked.code == 0, checked
    assert checked.err == ""
    names = {str(path.relative_to(tmp_path / "shop")) for path in (tmp_path / "shop").rglob("*")}
    assert {".env", ".gitignore", "debugtalk.py", "data/accounts.csv", "profile.yml"} <= names
    assert (tmp_path / "shop" / "README.md").read_text().startswith("# shop\n")
    assert ".env" in (tmp_path / "shop" / ".gitignore").read_text().splitlines()


def test_the_readme_is_in_the_language_that_is_asked_for(tmp_path: Path) -> None:
    for language in ("en", "zh"):
        made = run_cli("init", language, "--lang", language, cwd=tmp_path)
        assert made.code == 0, made
    english, chinese = tmp_path / "en" / "README.md", tmp_path / "zh" / "README.md"

    assert english.read_text(encoding="utf-8").isascii()
    assert "# zh\n\n这是一个压测项目" in chinese.read_text(encoding="utf-8")
    assert commands_of(chinese) == commands_of(english)
    made_files = [
        sorted(str(path.relative_to(tmp_path / name)) for path in (tmp_path / name).rglob("*"))
        for name in ("en", "zh")
    ]
    assert made_files[0] == made_files[1]


def test_a_language_that_is_not_there_is_refused(tmp_path: Path) -> None:
    ended = run_cli("init", "shop", "--lang", "fr", cwd=tmp_path)
    assert ended.code == 2
    assert "is en or zh, not 'fr'" in ended.err
    assert not (tmp_path / "shop").exists()


def test_the_command_that_it_proposes_can_be_copied(tmp_path: Path) -> None:
    made = run_cli("init", "my shop", cwd=tmp_path)
    _, *words = shlex.split(made.out.splitlines()[-1].partition(" passes;")[0])
    assert run_cli(*words, cwd=tmp_path).code == 0


def test_the_commands_of_its_readme_work(tmp_path: Path, target: TargetProcess) -> None:
    assert run_cli("init", ".", cwd=tmp_path).code == 0
    env = tmp_path / ".env"
    env.write_text(env.read_text().replace("http://127.0.0.1:8080", target.url))
    serve, *others = commands_of(tmp_path / "README.md")

    assert serve == ["boomtalk", "target", "--port", "8080"]
    ended = [run_in(tmp_path, words[1:]) for words in others]
    assert [words[1] for words in others] == ["check", "run", "boom"]
    assert [one.code for one in ended] == [0, 0, 0], ended
    assert "4 of 4 passed" in ended[1].out
    assert target.stats()["by_path"]["/api/login"] > 4


def run_in(folder: Path, words: list[str]) -> Ended:
    short = ["--duration", "1s", "--fail-on-error", "--plain"] if words[0] == "boom" else []
    return run_cli(*words, *short, cwd=folder)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "shop" / "api").mkdir(parents=True)
    (tmp_path / "shop" / "api" / "item.yml").write_text("mine")
    (tmp_path / "shop" / ".env").symlink_to("nowhere")
    ended = run_cli("init", "shop", cwd=tmp_path)

    assert (ended.code, ended.out) == (2, "")
    assert "already there: shop/api/item.yml, shop/.env" in ended.err
    assert (tmp_path / "shop" / "api" / "item.yml").read_text() == "mine"
    assert not (tmp_path / "shop" / "README.md").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run_cli("init", "file/shop", cwd=tmp_path)

    assert ended.code == 2
    assert "Not a directory" in ended.err


def test_the_target_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    with started(["target", "--port", "0"], cwd=tmp_path) as serving:
        serving.wait_for('"url": "http://127.0.0.1:')
        (url,) = re.findall(r'"url": "([^"]+)"', serving.out)
        quick = run_cli("run", f"{url}/api/items", cwd=tmp_path)
        port = url.rpartition(":")[2]
        second = run_cli("target", "--port", port, cwd=tmp_path)
        serving.interrupt()
        ended = serving.wait()

    assert quick.code == 0, quick
    assert second.code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in second.err
    assert ended.code == 0, ended

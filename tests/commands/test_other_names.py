"""Test that the commands and flags of HttpRunner 4.3.5 work, or say what to use instead."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from boomtalk.commands.other_names import NotHereError, canonical
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import run_cli

CASE = "config: {name: c}\nteststeps: [{name: s, request: {method: GET, url: /}}]"
# All flags of `hrp boom --help` and `hrp run --help` with a value for each that takes one.
BOOM = """
    --auto-start --cpu-profile cpu.out --cpu-profile-duration 30s --disable-compression
    --disable-console-output --disable-keepalive --loop-count 2 --max-rps 1000
    --mem-profile=mem.out --mem-profile-duration 30s --request-increase-rate -1 --run-time 60
    --spawn-count 2 --spawn-rate 10 --log-level INFO
"""
RUN = """
    --case-timeout 3600.5 --continue-on-failure --gen-html-report --log-plugin
    --log-requests-off --save-tests --log-level WARN
"""
REFUSED = [
    *(f"boom --{flag}" for flag in ("master", "worker", "expect-workers 2", "ignore-quit")),
    *(f"boom --{flag} x" for flag in ("expect-workers-max-wait", "master-host", "master-port")),
    *(f"boom --{flag} x" for flag in ("master-bind-host", "master-bind-port=1")),
    "boom --master-http-address=:9771",
]


def test_the_flags_of_hrp_boom_work(target: TargetProcess, tmp_path: Path) -> None:
    (tmp_path / "case.yml").write_text(CASE)
    (tmp_path / "load.yml").write_text("spawn-count: 9\n")
    words = ("boom", "case.yml", *BOOM.split(), "--profile", "load.yml", "--base-url", target.url)
    ended = run_cli(*words, "--no-out", cwd=tmp_path)

    assert ended.code == 0, ended
    assert target.stats()["requests"] == 4
    assert not (tmp_path / "cpu.out").exists()


def test_the_flags_of_hrp_run_work_and_the_files_are_named(
    target: TargetProcess, tmp_path: Path
) -> None:
    (tmp_path / "case.yml").write_text(CASE)
    ended = run_cli(
        "-l", "INFO", "run", "case.yml", *RUN.split(), "--base-url", target.url, cwd=tmp_path
    )

    assert ended.code == 0, ended
    (folder,) = (tmp_path / "results").iterdir()
    assert ended.out.splitlines()[-2:] == [
        f"summary     results/{folder.name}/summary.json",
        f"page        results/{folder.name}/report.html",
    ]
    assert all((tmp_path / line.split()[1]).is_file() for line in ended.out.splitlines()[-2:])


@pytest.mark.parametrize("words", REFUSED)
def test_masters_and_workers_are_shards(words: str) -> None:
    with pytest.raises(NotHereError) as raised:
        canonical(words.split())

    assert "--shards N" in raised.value.instead
    assert "--ray ADDRESS" in raised.value.instead


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("boom case.yml --master", "use --shards N"),
        ("run case.yml --http-stat", "use boomtalk boom CASE -i 1"),
        ("run case.yml --log-json", "use --log-file FILE"),
        ("--log-json run case.yml", "use --log-file FILE"),
        ("convert --to-pytest case.yml", "boomtalk run FILE"),
        ("convert case.json --from-json", "a case of HttpRunner is run as it is"),
        ("convert a.har -p profile.yml", "write headers and cookies into the cases"),
        ("startproject shop", "use boomtalk init DIR"),
        ("scaffold shop", "use boomtalk init DIR"),
        ("wiki", "use boomtalk --help"),
        ("pytest testcases/", "use boomtalk run PATH"),
        ("build debugtalk.py", "debugtalk.py is used as it is"),
        ("adb devices", "steps for phones are not supported"),
        ("completion bash", "use boomtalk --show-completion"),
    ],
)
def test_what_is_not_here_says_what_to_use_instead(words: str, told: str) -> None:
    ended = run_cli(*words.split())

    assert (ended.code, ended.out) == (2, "")
    assert re.match(r"error: \S+ of HttpRunner is not available\n", ended.err)
    assert told in ended.err
    assert "Possible options" not in ended.err


def test_hrps_spelling_of_convert_works(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("curl http://h/a\n")
    flags = ("--from-curl", "--to-yaml", "-d", "cases")
    ended = run_cli("convert", *flags, "a.sh", cwd=tmp_path)

    assert (ended.code, ended.out) == (0, "cases/a.yml\n"), ended


@pytest.mark.parametrize(
    ("words", "ours"),
    [
        ("boom a --loop-count -1 --run-time 0 --max-rps=0", "boom a"),
        ("boom a --loop-count 3 --max-rps=5", "boom a --loops=3 --max-rps=5"),
        ("boom a --cpu-profile f -u 1", "boom a -u 1"),
        ("help boom", "boom --help"),
        ("--venv v boom a", "boom --python v a"),
        ("run a -p http://p", "run a --proxy http://p"),
    ],
)
def test_names_are_translated(words: str, ours: str) -> None:
    assert canonical(words.split()) == ours.split()


def test_a_taken_port_of_the_target_has_a_free_one_beside_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_cli("target", "--port", str(port))

    assert ended.code == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in ended.err
    free = re.search(r"^--port (\d+) is free$", ended.err, re.MULTILINE)
    assert free is not None
    socket.create_server(("127.0.0.1", int(free[1]))).close()

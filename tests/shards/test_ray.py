"""Test shards as real actors: the server's count, the report, and leftover processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest
from boomtalk.examples.target import TargetProcess

from tests.http.test_http2_servers import built, serving
from tests.plugins import test_real_go
from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli, started
from tests.support.processes import Auditor
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.extra, pytest.mark.alone, pytest.mark.timeout(120)]

CASE = """
config: {name: shop}
teststeps:
  - {name: ask, request: {method: POST, url: /echo, json: {who: "${who()}", from: "${ENV(FROM)}"}}}
"""
PLUGIN = "import os\n\nimport names\n\ndef who():\n    return names.NAME\n"


@pytest.fixture(autouse=True)
def _ray_is_there(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    assert find_spec("ray") is not None, "these tests need Ray: pip install 'boomtalk[ray]'"
    # Sockets have short paths; the token belongs to these tests alone.
    folder = Path("/tmp") / f"rt{os.getpid()}"
    (folder / "ray").mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("RAY_TMPDIR", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    yield
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "debugtalk.py").write_text(PLUGIN)
    (folder / "names.py").write_text("NAME = 'bob'\n")
    (folder / ".env").write_text("FROM=env\n")
    (folder / ".gitignore").write_text(".env\n")
    (folder / "case.yml").write_text(CASE)
    return folder


def boom(target: TargetProcess, report: Path, *flags: str) -> list[str | Path]:
    fixed = ("boom", "case.yml", "--base-url", target.url, "--no-out", "--plain")
    return [*fixed, "--json", report, *flags]


def shards_of(auditor: Auditor) -> list[psutil.Process]:
    """Return the processes that a plugin process belongs to."""
    found = {plugin.ppid() for plugin in auditor.plugins()}
    return [psutil.Process(pid) for pid in sorted(found)]


def until_busy(auditor: Auditor, target: TargetProcess, number: int) -> list[psutil.Process]:
    wait_until(lambda: target.stats()["requests"] > 50, "requests", 40)
    return wait_until(
        lambda: found if len(found := shards_of(auditor)) == number else None, "shards", 10
    )


def until_still(target: TargetProcess) -> int:
    """Wait until the server gets no more requests."""
    seen: list[int] = []

    def is_still() -> bool:
        seen.append(target.stats()["requests"])
        return len(seen) > 200 and seen[-200] == seen[-1]

    wait_until(is_still, "the end of all requests", 30)
    return seen[-1]


def test_two_shards_do_together_what_was_asked_for(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    flags = boom(target, Path("-"), "-u", "5", "-i", "301", "--shards", "2")

    ended = run_cli(*flags, cwd=project)

    assert ended.code == 0, ended
    report = json.loads(ended.out)
    check_accounting(report, target.stats()["requests"])
    assert report["iterations"]["completed"] == 301
    assert len({shard["pid"] for shard in report["shards"]}) == 2
    assert [plugin["starts"] for plugin in report["plugins"]] == [1, 1]


ONCE = """
config: {name: shop}
teststeps:
  - name: make
    once: run
    variables: {who: "${who()}"}
    request: {method: POST, url: /echo/make}
    extract: {made: $who}
  - {name: log in, once: user, request: {method: POST, url: "/echo/login/$made"}}
  - {name: page, request: {method: GET, url: "/echo/page/$made"}}
  - {name: drop, once: end, request: {method: DELETE, url: "/echo/drop/$made"}}
"""


def test_one_shard_prepares_and_cleans_up_for_all(
    project: Path, target: TargetProcess, no_leftovers: Auditor
) -> None:
    (project / "case.yml").write_text(ONCE)
    flags = boom(target, Path("-"), "-u", "6", "--loops", "5", "--shards", "2")

    ended = run_cli(*flags, cwd=project)

    assert ended.code == 0, ended
    counts = target.stats()
    check_accounting(json.loads(ended.out), counts["requests"])
    once = {"/echo/make": 1, "/echo/login/bob": 6, "/echo/drop/bob": 1}
    assert counts["by_path"] == {**once, "/echo/page/bob": 30}


GO = """
config: {name: shop, verify: false}
teststeps:
  - name: login
    variables: {sum: "${sum_two_int(1, 2)}"}
    request: {method: POST, url: /login, http2: true, json: {sum: $sum}}
    validate: [{eq: [status_code, 200]}, {eq: [proto, HTTP/2.0]}, {eq: [$sum, 3]}]
"""


def test_shards_speak_http2_and_have_a_plugin_in_go_each(
    project: Path, tmp_path: Path, no_leftovers: Auditor
) -> None:
    (project / "case.yml").write_text(GO)
    source, plugin = Path(test_real_go.__file__).with_name("go"), project / "debugtalk.bin"
    subprocess.run(["go", "build", "-o", plugin, "."], cwd=source, check=True)
    with serving(built(tmp_path), tmp_path) as server:
        ended = run_cli(
            *("boom", "case.yml", "--base-url", server.url, "--no-out", "--plain"),
            *("--json", "-", "-u", "6", "--loops", "50", "--shards", "2"),
            cwd=project,
        )
        counted = server.counted()

    assert ended.code == 0, ended
    report = json.loads(ended.out)
    check_accounting(report, counted)
    assert report["accounting"]["ok"] == counted == 300
    assert report["wire"]["connections_opened"] == 6
    calls = [(Path(one["path"]).name, one["starts"], one["ok"]) for one in report["plugins"]]
    assert [call[:2] for call in calls] == [("debugtalk.bin", 1)] * 2
    assert sum(call[2] for call in calls) == 300


def test_ctrl_c_ends_all_shards_and_loses_nothing(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    report = tmp_path / "report.json"
    with started(boom(target, report, "-u", "4", "--shards", "2"), cwd=project) as running:
        until_busy(no_leftovers, target, 2)
        running.interrupt()
        ended = running.wait()

    assert ended.code == 130, ended
    check_accounting(read_report(report), target.stats()["requests"])
    assert {shard["state"] for shard in read_report(report)["shards"]} == {"done"}


@pytest.mark.parametrize("choice", ["stop", "continue"])
def test_a_killed_shard_is_told_with_what_it_had_delivered(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor, choice: str
) -> None:
    report = tmp_path / "report.json"
    flags = ("-u", "4", "-d", "8s", "--shards", "2", "--on-shard-loss", choice)
    with started(boom(target, report, *flags), cwd=project) as running:
        victim = until_busy(no_leftovers, target, 2)[0]
        victim.kill()
        ended = running.wait()

    assert ended.code == 4, ended
    told = read_report(report)
    check_accounting(told)
    (lost,) = [shard for shard in told["shards"] if shard["state"] == "lost"]
    assert lost["pid"] == victim.pid
    assert told["stopped_by"] == ("shard" if choice == "stop" else "duration")
    assert "LOST shard" in ended.out
    assert told["wire"]["requests"] <= target.stats()["requests"]


def test_a_frozen_shard_is_given_up_and_ended(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    report = tmp_path / "report.json"
    with started(boom(target, report, "-u", "4", "--shards", "2"), cwd=project) as running:
        until_busy(no_leftovers, target, 2)[1].send_signal(signal.SIGSTOP)
        ended = running.wait()

    assert ended.code == 4, ended
    (lost,) = [one for one in read_report(report)["shards"] if one["state"] == "lost"]
    assert lost["why"] == "silent for 5 s"
    check_accounting(read_report(report))


def test_the_record_of_a_run_on_shards_is_rendered_again(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    out, report = tmp_path / "out", tmp_path / "again.json"
    flags = ("boom", "case.yml", "--base-url", target.url, "--out", out, "-u", "4", "--shards", "2")
    with started(flags, cwd=project) as running:
        until_busy(no_leftovers, target, 2)
        wait_until(lambda: (out / "record.jsonl").read_text().count('"second"') > 2, "seconds", 20)
        running.send(signal.SIGKILL)
        running.wait()
        until_still(target)
    for process in no_leftovers.running():
        process.kill()

    ended = run_cli("report", out, "--json", report)

    assert ended.code == 0, ended
    told = read_report(report)
    assert told["stopped_by"] == "killed"
    assert [shard["state"] for shard in told["shards"]] == ["running", "running"]
    assert told["total"]["ok"] > 0


def test_no_load_goes_on_without_its_driver(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    report = tmp_path / "report.json"
    with started(boom(target, report, "-u", "4", "--shards", "2"), cwd=project) as running:
        until_busy(no_leftovers, target, 2)
        running.send(signal.SIGKILL)
        running.wait()

        until_still(target)
        wait_until(lambda: not no_leftovers.plugins(), "the end of the plugins", 10)
    # Ray's daemons live on for a moment: end them here, found by their mark.
    for process in no_leftovers.running():
        process.kill()


def test_a_broken_plugin_is_told_before_the_load(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    (project / "names.py").write_text("raise SystemExit('no names today')\n")

    ended = run_cli(
        *boom(target, tmp_path / "report.json", "-u", "4", "--shards", "2"), cwd=project
    )

    assert ended.code == 3, ended
    assert "no names today" in ended.err
    assert target.stats()["requests"] == 0


@contextmanager
def cluster(nodes: int) -> Iterator[subprocess.Popen[str]]:
    """Run a cluster in a separate process; its first line of output is its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.shards.cluster", str(nodes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return next(line.strip() for line in process.stdout if re.fullmatch(r"[\d.]+:\d+\n", line))


def on_cluster(target: TargetProcess, report: Path, address: str, *flags: str) -> list[str | Path]:
    return boom(target, report, "--ray", address, "--shards", "2", *flags)


def test_the_project_travels_to_the_nodes_of_a_cluster(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    report = tmp_path / "report.json"
    with cluster(2) as nodes:
        address = address_of(nodes)
        ended = run_cli(*on_cluster(target, report, address, "-i", "100"), "-u", "4", cwd=project)
        assert ended.code == 0, ended
        folders = [plugin["path"] for plugin in read_report(report)["plugins"]]

    check_accounting(read_report(report), target.stats()["requests"])
    assert not any(folder.startswith(str(project)) for folder in folders), folders


def test_every_row_of_a_file_is_dealt_once_over_all_nodes(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    names = [f"user{number}" for number in range(37)]
    (project / "users.csv").write_text("\n".join(["name", *names]) + "\n")
    (project / ".gitignore").write_text("users.csv\n")
    (project / "case.yml").write_text(
        "config: {name: rows, parameters: {name: '${parameterize(users.csv)}'},"
        " parameters_setting: {pick_order: unique}}\n"
        "teststeps: [{name: ask, request: {method: GET, url: '/?name=$name'}}]\n"
    )
    report = tmp_path / "report.json"
    with cluster(2) as nodes:
        ended = run_cli(*on_cluster(target, report, address_of(nodes), "-u", "4"), cwd=project)

    assert ended.code == 0, ended
    told = read_report(report)
    check_accounting(told, target.stats()["requests"])
    assert told["stopped_by"] == "data"
    (use,) = told["parameters"]
    assert use["rows"] == use["used"]["total"] == len(names)
    assert use["used"]["min"] == use["used"]["max"] == 1
    assert sorted(shard["issued"] for shard in told["shards"]) == [18, 19]


def test_the_loss_of_a_node_is_told(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    report = tmp_path / "report.json"
    with cluster(2) as nodes:
        flags = on_cluster(target, report, address_of(nodes), "-u", "4", "-d", "60s")
        with started(flags, cwd=project) as running:
            until_busy(no_leftovers, target, 2)
            assert nodes.stdin is not None
            nodes.stdin.write("now\n")
            nodes.stdin.flush()
            ended = running.wait(60)

    assert ended.code == 4, ended
    assert [shard["state"] for shard in read_report(report)["shards"]].count("lost") == 1
    check_accounting(read_report(report))


def test_a_project_with_an_environment_of_its_own_needs_to_say_which_python(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    (project / ".venv" / "bin").mkdir(parents=True)

    ended = run_cli(
        *on_cluster(target, tmp_path / "report.json", "127.0.0.1:1", "-u", "4"), cwd=project
    )

    assert ended.code == 2, ended
    assert "--python" in ended.err


def test_too_few_places_in_a_cluster_are_told(
    project: Path, target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    with cluster(1) as nodes:
        flags = on_cluster(target, tmp_path / "report.json", address_of(nodes), "-u", "4")
        ended = run_cli(*flags, cwd=project, timeout=60)

    assert ended.code == 2, ended
    assert "2 shards need 2 CPUs" in ended.err

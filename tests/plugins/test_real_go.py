"""Test plugins in Go that are built with fungo, and compare them with hrp (HRP_BIN)."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.hrp.recording import recording
from tests.hrp.test_differential import both
from tests.support.boomtalk_cli import read_report, run_cli, started
from tests.support.waiting import wait_until

from .bench import Log, failure, opened, until

SOURCE = Path(__file__).with_name("go")
EXAMPLE = Path(__file__).parents[2] / "examples" / "go_plugin"

pytestmark = pytest.mark.extra

CASE = """
config:
  name: calls of Go
  base_url: $URL
  variables: {sum: "${sum_two_int(1, 2)}", more: "${SumInts(1, $sum, 4)}", items: [1, 2.5, true, a]}
teststeps:
- name: first
  variables: {list: "${echo($items)}", agent: "${get_user_agent()}"}
  setup_hooks: ["${setup_hook_example(abc)}", "${nothing()}"]
  request:
    method: POST
    url: /get
    params: {sum: $sum, more: $more, float: "${sum(1, 2.3)}", own: "${sleep(1)}"}
    headers: {X-Agent: $agent}
    json: {list: $list, echoed: "${echo($list)}", sum: $more}
  validate:
  - eq: [status_code, 200]
  - eq: [$more, 8]
- name: second
  request: {method: GET, url: "/get?text=${Echo(ab)}"}
"""
SMALL = """
config: {name: c, base_url: $URL}
teststeps:
- name: s
  variables: {n: 1}
  request: {method: GET, url: "/echo?sum=${sum_two_int($n, 2)}"}
"""
ERRORS = {
    "error": "${Fail(bad)}",
    "wrong type": "${SumTwoInt(1, b)}",
    "wrong number": "${SumTwoInt(1)}",
    "panic": "${Index(5)}",
    "unknown": "${no_such_function(1)}",
}


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """Build the program once for all tests."""
    built = tmp_path_factory.mktemp("go") / "debugtalk.bin"
    subprocess.run(["go", "build", "-o", built, "."], cwd=SOURCE, check=True, timeout=170)
    return built


@pytest.fixture
def path(program, tmp_path, monkeypatch):
    """Put the program into a project; it may leave nothing in the folder for temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    yield shutil.copy(program, tmp_path)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_values_and_names_are_those_of_go(run, path):
    async def scene():
        async with opened(path) as (_, plugin):
            assert await plugin.call("sumtwoint", [1, 2.0]) == 3
            assert await plugin.call("Sum", [1, 2.5]) == 3.5
            assert await plugin.call("Nothing") is None
            assert await plugin.call("Big") == 2**53 + 1
            value = {"a": [1, 2.5, None, True, "é中\u2028<&>"]}
            assert await plugin.call("Echo", [value]) == value
            assert len(await plugin.call("Long", [15_000_000])) == 15_000_000
            assert await plugin.call("Executable") == str(path)
            assert await plugin.call("TempDir") == os.environ["TMPDIR"]
            for call, words in (
                (("Fail", ["bad"]), "Fail: bad"),
                (("SumTwoInt", [1]), "function expect 2 arguments, but got 1"),
                (("SumTwoInt", [1, "b"]), "expect int, actual string"),
                (("Channel",), "chan int is unsupported type"),
                (("Long", [17_000_000]), "larger than max"),
                (("Echo", ["x" * 5_000_000]), "larger than max"),
            ):
                error = await failure(plugin.call(*call))
                assert error.kind == "plugin_error"
                assert words in error.message
            assert await plugin.call("SumTwoInt", [1, 2]) == 3

    run(scene())


@pytest.mark.parametrize(
    ("call", "detail", "words"),
    [
        (("Panic", ["aaargh"]), "exit 2", "panic: aaargh"),
        (("Index", [5]), "exit 2", "panic: runtime error: index out of range [5] with length 3"),
        (("Exit", [3]), "exit 3", ""),
        (("Exit", [0]), "exit 0", ""),
    ],
)
def test_a_program_that_ends_is_a_crash_with_its_last_words(run, path, call, detail, words):
    log = Log()

    async def scene():
        async with opened(path, log) as (pool, plugin):
            error = await failure(plugin.call(*call))
            assert (error.kind, error.detail) == ("plugin_crashed", detail)
            assert error.message.endswith(words)
            assert await plugin.call("SumTwoInt", [1, 2]) == 3
            assert pool.snapshots()[0].restarts == 1

    run(scene())
    assert any("goroutine" in text for text in log.texts) is bool(words)


def test_a_race_is_told_and_does_not_happen_with_one_thread(run, path):
    async def scene():
        async with opened(path, backoff=0.0) as (_, plugin):
            calls = [failure(plugin.call("Race", [number, 10**12])) for number in range(32)]
            errors = await asyncio.gather(*calls)
            assert "fatal error: concurrent map writes" in errors[0].message
        async with opened(path, threads=1) as (_, plugin):
            calls = [plugin.call("Race", [number, 10**6]) for number in range(10)]
            assert await asyncio.gather(*calls) == list(range(10))

    run(scene())


def test_calls_that_hang_time_out_and_a_full_process_is_replaced(run, path):
    log = Log()

    async def scene():
        async with opened(path, log, call_timeout=1, threads=2) as (_, plugin):
            assert (await failure(plugin.call("Hang"))).kind == "plugin_timeout"
            assert await plugin.call("SumTwoInt", [1, 2]) == 3
            assert (await failure(plugin.call("Hang"))).kind == "plugin_timeout"
            await log.wait_for("makes no progress")
            await until(lambda: plugin.state == "ready" and not plugin._calls.abandoned)
            assert await plugin.call("SumTwoInt", [1, 2]) == 3

    run(scene())


def test_printed_text_is_read_whatever_its_size(run, path):
    log = Log()

    async def scene():
        async with opened(path, log, environment={"PRINT_FIRST": "1"}) as (_, plugin):
            await plugin.call("Print", ["to stdout"])
            await plugin.call("PrintError", ["to stderr"])
            await log.wait_for("to stdout")
            await log.wait_for("to stderr")
            calls = [plugin.call("Flood", [20_000]) for _ in range(5)]
            assert await asyncio.gather(*calls) == [20_000] * 5

    run(scene())
    # Told with the next output after a second, or at the end.
    assert any("bytes of output dropped" in text for text in log.texts)
    assert any(text.endswith("] hello from init") for text in log.texts)
    assert not any("fungo" in text for text in log.texts)


def test_kills_at_any_moment_fail_each_call_at_most_once(run, path):
    async def scene():
        async with opened(path, backoff=0.0) as (pool, plugin):
            for _ in range(3):
                pid = await plugin.call("Pid")
                calls = [plugin.call("Nap", [0.01]) for _ in range(300)]
                await calls[0]
                os.kill(pid, signal.SIGKILL)
                ended = await asyncio.gather(*calls, return_exceptions=True)
                failed = [one for one in ended if one != 0.01]
                assert len(failed) <= 32
                assert {one.detail for one in failed} <= {"signal SIGKILL"}
            assert pool.snapshots()[0].restarts == 3

    run(scene())


def test_a_long_folder_for_temporary_files_is_not_used(run, path, monkeypatch, tmp_path):
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))

    async def scene():
        async with opened(path) as (_, plugin):
            assert await plugin.call("SumTwoInt", [1, 2]) == 3

    run(scene())


def written(folder, recorder):
    folder.mkdir(exist_ok=True)
    (folder / "case.yml").write_text(CASE.replace("$URL", recorder.url))
    return folder / "case.yml"


def test_a_thousand_users_share_one_process_per_plugin(path, tmp_path, target):
    """A plugin in Go and one in Python in one run."""
    python = tmp_path / "python"
    for folder in (tmp_path / "go", python):
        folder.mkdir()
        (folder / "case.yml").write_text(SMALL.replace("$URL", target.url))
    shutil.move(path, tmp_path / "go")
    (python / "debugtalk.py").write_text("def sum_two_int(a, b):\n    return a + b\n")
    words = ["-u", "1000", "-i", "4000", "-q", "--no-out", "--fail-on-error"]
    words += ["--json", str(tmp_path / "r.json")]
    ended = run_cli("boom", tmp_path / "go", python, *words, cwd=tmp_path)
    assert ended.code == 0, ended
    report = read_report(tmp_path / "r.json")
    assert report["total"]["ok"] == report["wire"]["requests"] >= 4000
    go, other = sorted(report["plugins"], key=lambda one: one["path"])
    assert (go["path"], go["python"]) == ("go/debugtalk.bin", "Go")
    assert other["path"] == "python/debugtalk.py"
    assert other["python"].startswith("3.")
    assert report["processes"]["plugins_peak"] == 2
    for one in (go, other):
        assert one["starts"] == 1
        assert one["calls"] == one["ok"] > 1000
        assert one["rss_peak_mb"] > 0
        assert one["cpu_seconds"] > 0


def test_nothing_is_left_when_the_program_is_killed(path, tmp_path):
    with recording() as recorder:
        written(tmp_path, recorder)
        words = ["boom", "case.yml", "-u", "5", "-d", "60s", "--plain", "--no-out"]
        with started(words, cwd=tmp_path) as running:
            wait_until(lambda: len(recorder.seen) > 10, "requests")
            children = psutil.Process(running.pid).children()
            running.send(signal.SIGKILL)
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.wait_procs(children, timeout=20)
            assert [one for one in children if one.is_running()] == []


def test_hrp_sends_the_same_with_the_same_plugin(path, tmp_path):
    theirs, ours, _ = both(CASE, tmp_path)
    assert theirs.well
    assert len(theirs.seen) == 2
    assert ours.well
    assert ours.normal == theirs.normal


@pytest.mark.parametrize("name", ERRORS)
def test_hrp_fails_where_we_do(path, tmp_path, name):
    case = "config: {name: c, base_url: $URL}\nteststeps:\n- name: s\n  request: "
    case += "{method: GET, url: '/get?a=" + ERRORS[name] + "'}\n"
    theirs, ours, _ = both(case, tmp_path)
    assert not theirs.well
    assert not ours.well
    assert ours.seen == theirs.seen == []


def test_the_example_is_signed_in_go(target, tmp_path):
    project = shutil.copytree(EXAMPLE, tmp_path / "project")
    source = shutil.copytree(SOURCE, tmp_path / "source")
    shutil.copy(EXAMPLE / "debugtalk.go", source)
    (source / "debugtalk_gen.go").write_text(
        'package main\nimport "github.com/httprunner/funplugin/fungo"\n'
        'func main() { fungo.Register("Sign", Sign); fungo.Serve() }\n'
    )
    built = project / "debugtalk.bin"
    subprocess.run(["go", "build", "-o", built, "."], cwd=source, check=True, timeout=170)
    ended = run_cli("run", project, "--base-url", target.url, cwd=tmp_path)
    assert ended.code == 0, ended
    assert "1 passed" in ended.out or "passed 1" in ended.out, ended

"""Test plugins in Go with a fake one in Python; `test_real_go.py` has real ones."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from boomtalk.engine.errors import PluginStartError
from boomtalk.plugins import PluginOptions, PluginPool
from boomtalk.plugins.child import CALL, HEADER
from boomtalk.plugins.go_handshake import find_handshake, is_chatter
from boomtalk.plugins.go_messages import encode_go_call

from .bench import Log, failure, opened, until

FAKE = Path(__file__).with_name("fake_go.py").read_text()


@pytest.fixture
def sockets(tmp_path, monkeypatch):
    """Return the folder for temporary files of plugins; nothing may be left in it."""
    folder = tmp_path / "tmp é%20"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def path(tmp_path, sockets):
    return put(tmp_path)


def put(folder, text=f"#!{sys.executable}\n{FAKE}", mode=0o755):
    path = folder / "debugtalk.bin"
    path.write_text(text)
    path.chmod(mode)
    return path


async def start_error(path, environment=None, **options):
    async with PluginPool(PluginOptions(**options), log := Log()) as pool:
        with pytest.raises(PluginStartError) as caught:
            await pool.open(path, environment or {})
        assert caught.value.exit_code == 3
        assert not [line for line in log.lines if line[0] == "error"]
        return str(caught.value), caught.value.hint


def test_functions_are_called_by_both_names_and_counted(run, path):
    async def scene():
        async with opened(path) as (pool, plugin):
            assert {"SumTwoInt", "sumtwoint"} <= set(plugin.functions)
            assert await plugin.call("SumTwoInt", [1, 2]) == 3
            assert await plugin.call("sumtwoint", [2.0, 2]) == 4
            assert await plugin.call("Nothing") is None
            value = {"a": [1, 2.5, None, True, "é中"], "b": {}}
            assert await plugin.call("Echo", [value]) == value
            await until(lambda: not plugin._calls.in_flight)
            pool._plugins[path].observe()
            seen = pool.snapshots()[0]
            assert (seen.starts, seen.calls, seen.ok) == (1, 4, 4)
            assert [(f.name, f.calls) for f in seen.functions][:2] == [
                ("Echo", 1),
                ("Nothing", 1),
            ]
            assert seen.rss > 0
            assert seen.cpu_seconds > 0
            assert seen.pid == await plugin.call("Pid")

    run(scene())


def test_the_program_is_the_child_of_this_process_and_goes_with_the_pool(run, path):
    async def scene():
        async with opened(path) as (_, plugin):
            assert await plugin.call("Parent") == os.getpid()
            pid = await plugin.call("Pid")
        assert not psutil.pid_exists(pid)

    run(scene())


def test_the_environment_of_the_project_reaches_it_and_cannot_break_the_protocol(run, path):
    async def scene():
        environment = {"MARK": "1", "HRP_PLUGIN_TYPE": "rpc", "http_proxy": "http://127.0.0.1:9"}
        async with opened(path, environment=environment) as (_, plugin):
            assert await plugin.call("Getenv", ["MARK"]) == "1"

    run(scene())


def test_a_plugin_that_listens_on_a_port_is_reached_there_without_a_proxy(run, path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    async def scene():
        async with opened(path, environment={"FAKE_MODE": "tcp"}) as (_, plugin):
            assert await plugin.call("SumTwoInt", [1, 2]) == 3

    run(scene())


def test_the_socket_has_no_file_while_it_runs(run, path, sockets):
    async def scene():
        async with opened(path) as (_, plugin):
            assert await plugin.call("Bind") == []
            assert list(sockets.iterdir()) == []

    run(scene())


def test_an_error_of_a_function_is_a_plugin_error_with_its_text(run, path):
    async def scene():
        async with opened(path) as (_, plugin):
            error = await failure(plugin.call("SumTwoInt", ["one", 2]))
            assert (error.kind, error.detail) == ("plugin_error", "error")
            assert "invalid literal for int()" in error.message
            error = await failure(plugin.call("Abort", ["NOT_FOUND", "no such user"]))
            assert (error.kind, error.detail) == ("plugin_error", "not_found")

    run(scene())


def test_a_function_that_says_unavailable_is_no_crash(run, path):
    async def scene():
        async with opened(path) as (pool, plugin):
            error = await failure(plugin.call("Abort", ["UNAVAILABLE", "their server is down"]))
            assert (error.kind, error.detail) == ("plugin_error", "unavailable")
            assert "their server is down" in error.message
            assert await plugin.call("Echo", [1]) == 1
            assert pool.snapshots()[0].starts == 1

    run(scene())


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        (2**53 + 1, "args[0]: Go would round 9007199254740993 to a float64; pass it as text"),
        ({"ids": [10**400]}, "args[0].ids[0]: Go would round"),
        (float("nan"), "args[0]: nan"),
        ({1: 2}, "args[0]: key 1 is int, not str"),
        (b"x", "args[0]: bytes"),
    ],
)
def test_what_go_would_not_get_exactly_is_refused(run, path, argument, words):
    async def scene():
        async with opened(path) as (_, plugin):
            error = await failure(plugin.call("Echo", [argument]))
            assert (error.kind, error.detail) == ("plugin_error", "argument")
            assert words in error.message

    run(scene())


def test_numbers_that_go_can_have_are_sent(run, path):
    async def scene():
        async with opened(path) as (_, plugin):
            for number in (2**53, -(2**53), 2**60, 2**70, 1.5, 10**22):
                assert await plugin.call("Echo", [number]) == number
            assert await plugin.call("Raw", ["18446744073709551617"]) == 2**64 + 1

    run(scene())


def test_texts_over_the_limits_fail_their_call_only(run, path):
    async def scene():
        async with opened(path) as (pool, plugin):
            assert len(await plugin.call("Long", [15_000_000])) == 15_000_000
            error = await failure(plugin.call("Long", [17_000_000]))
            assert (error.kind, error.detail) == ("plugin_error", "resource_exhausted")
            # Go's server takes 4 MiB.
            error = await failure(plugin.call("Echo", ["x" * 5_000_000]))
            assert (error.kind, error.detail) == ("plugin_error", "resource_exhausted")
            assert await plugin.call("Echo", [1]) == 1
            assert pool.snapshots()[0].starts == 1

    run(scene())


def test_an_answer_that_is_not_json_replaces_the_process(run, path):
    async def scene():
        async with opened(path) as (pool, plugin):
            error = await failure(plugin.call("Raw", ["{"]))
            assert error.kind == "plugin_crashed"
            assert "unreadable answer" in error.detail
            assert await plugin.call("Echo", [1]) == 1
            assert pool.snapshots()[0].restarts == 1

    run(scene())


def test_calls_run_at_the_same_time_up_to_the_number_of_threads(run, path):
    async def scene():
        async with opened(path, threads=50) as (_, plugin):
            async with asyncio.timeout(30):
                naps = [plugin.call("Nap", [1]) for _ in range(50)]
                assert await plugin.call("Echo", [1]) == 1  # after one of the naps
                assert sum(nap.done() for nap in naps) > 0
                await asyncio.gather(*naps)
        async with opened(path, threads=1) as (_, plugin):
            first = plugin.call("Nap", [0.2])
            await plugin.call("Echo", [1])
            assert first.done()

    run(scene())


def test_printed_text_goes_to_the_log_without_the_librarys_own(run, path):
    log = Log()

    async def scene():
        async with opened(path, log) as (_, plugin):
            for number in range(50):
                await plugin.call("Print", [f"printed {number}"])
            await plugin.call("PrintError", ["to stderr"])
            await log.wait_for("printed 49")
            await log.wait_for("to stderr")

    run(scene())
    assert sum("] printed " in text for text in log.texts) == 50
    assert any(text.endswith("] hello from init") for text in log.texts)
    assert not any("fungo" in text or "1|1|" in text for text in log.texts)


def test_a_panic_fails_the_calls_in_flight_once_with_its_text(run, path):
    log = Log()

    async def scene():
        async with opened(path, log) as (pool, plugin):
            napping = plugin.call("Nap", [30])
            error = await failure(plugin.call("Panic", ["index out of range"]))
            for one in (error, await failure(napping)):
                assert (one.kind, one.detail) == ("plugin_crashed", "exit 2")
                assert one.message.endswith(
                    "the plugin process died (exit 2): panic: index out of range"
                )
            assert await plugin.call("Echo", [1]) == 1
            seen = pool.snapshots()[0]
            assert (seen.starts, seen.crashed, seen.ok) == (2, 2, 1)

    run(scene())
    assert any(text.endswith("] goroutine 1 [running]:") for text in log.texts)


@pytest.mark.parametrize(("call", "detail"), [(("Exit", [7]), "exit 7"), (("Exit", [0]), "exit 0")])
def test_a_function_that_ends_the_program_is_a_crash(run, path, call, detail):
    async def scene():
        async with opened(path) as (_, plugin):
            error = await failure(plugin.call(*call))
            assert (error.kind, error.detail) == ("plugin_crashed", detail)
            assert await plugin.call("Echo", [1]) == 1

    run(scene())


def test_calls_that_were_not_sent_go_to_the_next_process(run, path):
    async def scene():
        async with opened(path, threads=2) as (pool, plugin):
            pid = await plugin.call("Pid")
            naps = [plugin.call("Nap", [30]) for _ in range(2)]
            rest = [plugin.call("Echo", [number]) for number in range(100)]
            await until(lambda: len(plugin._process._link._calls) == 2)
            os.kill(pid, signal.SIGKILL)
            for nap in naps:
                assert (await failure(nap)).detail == "signal SIGKILL"
            assert await asyncio.gather(*rest) == list(range(100))
            seen = pool.snapshots()[0]
            assert (seen.crashed, seen.ok) == (2, 101)

    run(scene())


def test_the_fourth_crash_gives_the_plugin_up(run, path):
    async def scene():
        async with opened(path, backoff=0.0) as (pool, plugin):
            for _ in range(4):
                assert (await failure(plugin.call("Exit", [1]))).kind == "plugin_crashed"
            assert (await failure(plugin.call("Echo", [1]))).kind == "plugin_unavailable"
            assert pool.snapshots()[0].state == "given up"

    run(scene())


def test_a_call_that_hangs_times_out_and_the_others_go_on(run, path):
    async def scene():
        async with opened(path, call_timeout=1) as (pool, plugin):
            error = await failure(plugin.call("Nap", [40]))
            assert (error.kind, error.detail) == ("plugin_timeout", "call")
            assert await plugin.call("Echo", [1]) == 1
            assert pool.snapshots()[0].starts == 1

    run(scene())


def test_a_process_whose_places_all_hang_is_replaced_and_that_is_no_crash(run, path):
    log = Log()

    async def scene():
        async with opened(path, log, call_timeout=1, threads=2) as (pool, plugin):
            naps = [plugin.call("Nap", [60]) for _ in range(2)]
            for nap in naps:
                assert (await failure(nap)).kind == "plugin_timeout"
            await log.wait_for("makes no progress")
            await until(lambda: pool.snapshots()[0].starts == 2 and plugin.state == "ready")
            assert await plugin.call("Echo", [1]) == 1
            assert pool.snapshots()[0].crashed == 0

    run(scene())


def test_a_rebuilt_program_is_told_and_the_old_one_goes_on_after_a_restart(run, path):
    log = Log()

    async def scene():
        async with opened(path, log) as (_, plugin):
            path.unlink()
            put(path.parent, "#!/bin/false\n")
            await log.wait_for("edited during the run")
            await failure(plugin.call("Exit", [1]))
            assert await plugin.call("Echo", [1]) == 1

    run(scene())


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("other_text", "the process ended while loading (exit 0); it printed last:\nI am not a pl"),
        ("panics", "the process ended while loading (exit 2); it printed last:\npanic: in init"),
        ("netrpc", "not a plugin of HttpRunner: it speaks netrpc, not grpc"),
        ("version", "not a plugin of HttpRunner: it speaks version 2 of the protocol, not 1"),
        ("other_service", "not a plugin of HttpRunner: it cannot be asked for its functions: "),
        ("bad_names", "not a plugin of HttpRunner: it does not tell its functions: "),
        ("nobody_there", "not a plugin of HttpRunner: it cannot be asked for its functions: "),
    ],
)
def test_a_program_that_is_not_a_plugin_says_why_and_how_to_build_one(run, path, mode, words):
    text, hint = run(start_error(path, {"FAKE_MODE": mode}))
    assert text.startswith(f"{path}: {words}")
    assert "hrp build debugtalk.go" in hint


def test_a_start_that_hangs_is_ended_and_shows_its_output(run, path):
    text, _ = run(start_error(path, {"FAKE_MODE": "hangs"}, start_timeout=2))
    assert "not loaded within 2 s; it printed last:\nstarting" in text


@pytest.mark.parametrize("mode", ["dirty", "no_stdio"])
def test_a_start_with_oddities_is_a_start(run, path, mode):
    async def scene():
        async with opened(path, environment={"FAKE_MODE": mode}) as (_, plugin):
            assert await plugin.call("Echo", [1]) == 1

    run(scene())


def test_a_program_of_another_machine_is_told(run, tmp_path, sockets):
    path = tmp_path / "debugtalk.bin"
    path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(100))
    path.chmod(0o755)
    text, hint = run(start_error(path))
    assert f"{path} cannot be run on this machine: Exec format error" in text
    assert "build it on this machine" in hint


def test_a_program_without_execute_bit_is_told(run, tmp_path, sockets):
    path = put(tmp_path, mode=0o644)
    text, hint = run(start_error(path))
    assert text == f"{path}: not executable"
    assert hint == f"chmod +x {path}"


def test_the_program_ends_with_this_process_however_that_ends(path):
    program = f"""
import asyncio, sys
from boomtalk.plugins import PluginPool

async def main():
    async with PluginPool() as pool:
        plugin = await pool.open({str(path)!r})
        napping = plugin.call("Nap", [60])
        print(await plugin.call("Pid"), flush=True)
        await napping

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as host:
        plugin = psutil.Process(int(host.stdout.readline()))
        host.kill()
        psutil.wait_procs([plugin], timeout=20)
        assert not plugin.is_running()


def test_the_call_on_the_wire_is_what_fungo_reads():
    frame = encode_go_call(7, ("SumTwoInt", [1, "é"], {}, -1))
    assert HEADER.unpack_from(frame)[2:4] == (CALL, 7)
    assert frame[HEADER.size :] == b'\n\tSumTwoInt\x12\x08[1,"\xc3\xa9"]'


@pytest.mark.parametrize(
    ("line", "target"),
    [
        (b"1|1|unix|/tmp/plugin173|grpc|", "unix:/tmp/plugin173"),
        (b"1|1|unix|/tmp/a b%/plugin1|grpc|\r", "unix:/tmp/a%20b%25/plugin1"),
        (b"1|1|tcp|127.0.0.1:5000|grpc", "127.0.0.1:5000"),
        (b"no newline1|1|unix|/tmp/p|grpc|", "unix:/tmp/p"),
        (b"a|b|c", None),
    ],
)
def test_the_handshake_is_found(line, target):
    found = find_handshake(line)
    assert (found and found.target) == target


@pytest.mark.parametrize(
    ("line", "is_it"),
    [
        (b"[DEBUG] fungo.func_exec: plugin function execution: funcName=Sum args=[1, 2]", True),
        (b"[INFO]  fungo: register plugin function: funcName=Sum", True),
        (b'[ERROR] fungo: gRPC_server Call() failed: req="name" error=bad', True),
        (b'{"@level":"debug","@message":"plugin address","address":"/tmp/plugin1"}', True),
        (b'{"level":"info","req":{},"time":"x","message":"gRPC Call() called on plugin s"}', True),
        (b"2026-11-26T23:43:34.236Z [INFO]  grpc: call function: funcName=Sum", True),
        (b"[INFO]  fungo: my own line", False),
        (b"[ERROR] fungo: my own error", False),
        (b'{"level":"info","message":"my own line"}', False),
        (b"panic: debug", False),
        (b"", False),
    ],
)
def test_the_log_of_the_library_is_told_from_the_authors(line, is_it):
    assert is_chatter(line) is is_it


def test_a_case_without_the_package_for_go_says_how_to_install_it(path, tmp_path):
    (tmp_path / "case.yml").write_text(
        "config: {name: c}\nteststeps:\n- {name: s, request: {method: GET, url: http://127.0.0.1}}\n"
    )
    program = """
import sys
sys.modules["grpc"] = None
from boomtalk.cli import main
sys.argv = ["boomtalk", "check", "case.yml"]
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2, done
    assert "debugtalk.bin: a plugin in Go needs the package grpcio" in done.stderr
    assert "pip install 'boomtalk[go]'" in re.sub(r"\s+", " ", done.stderr)

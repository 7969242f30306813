"""Test starts: one process per file, clear reasons for failures, no files written."""

import asyncio
import os
import resource
import stat
import subprocess
import sys
import venv
from pathlib import Path

import psutil
import pytest
from boomtalk.engine.errors import PluginStartError
from boomtalk.plugins import PluginOptions, PluginPool

from .bench import Log, failure, files_below, opened

PID = "import os\ndef pid(): return os.getpid()\n"


async def start_error(path, **options):
    async with PluginPool(PluginOptions(**options)) as pool:
        with pytest.raises(PluginStartError) as caught:
            await pool.open(path)
        assert caught.value.exit_code == 3
        return str(caught.value)


def children():
    """Return how many plugin processes this process has; it may have servers, too."""
    commands = [child.cmdline() for child in psutil.Process().children()]
    return sum(any(word.endswith("plugins/child.py") for word in words) for words in commands)


def test_ten_thousand_users_who_ask_at_once_get_one_process(run, write):
    async def scene():
        path = write("import os, time\ntime.sleep(0.3)\ndef pid(): return os.getpid()\n")
        async with PluginPool() as pool:
            plugins = await asyncio.gather(*(pool.open(path) for _ in range(10_000)))
            assert len(set(map(id, plugins))) == 1
            assert children() == 1
            assert pool.snapshots()[0].starts == 1

    run(scene())


def test_every_spelling_of_a_path_is_the_same_plugin(run, write, tmp_path, monkeypatch):
    path = write(PID)
    other = tmp_path / "other"
    (tmp_path / "folder").symlink_to(path.parent)
    other.mkdir()
    (other / "debugtalk.py").symlink_to(path)
    monkeypatch.chdir(path.parent)
    spellings = [
        str(path),
        "./debugtalk.py",
        f"{path.parent}/../project/debugtalk.py",
        f"{path.parent}//debugtalk.py",
        str(tmp_path / "folder" / "debugtalk.py"),
        str(other / "debugtalk.py"),
    ]

    async def scene():
        async with PluginPool() as pool:
            plugins = await asyncio.gather(*map(pool.open, spellings))
            pids = [await plugin.call("pid") for plugin in plugins]
            assert len(set(pids)) == 1
            assert [seen.path for seen in pool.snapshots()] == ["debugtalk.py"]

    run(scene())


def test_a_start_goes_on_when_the_first_who_asked_is_cancelled(run, write):
    path = write("import time\ntime.sleep(0.3)\n" + PID)

    async def scene():
        async with PluginPool() as pool:
            first = asyncio.create_task(pool.open(path))
            second = asyncio.create_task(pool.open(path))
            await asyncio.sleep(0.005)
            first.cancel()
            assert (await second).state == "ready"
            assert pool.snapshots()[0].starts == 1

    run(scene())


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("x = 1\ndef broken(:\n", 2, "SyntaxError"),
        ("\nimport no_such_module\n", 2, "ModuleNotFoundError: No module named 'no_such_module'"),
        ("x = 1\ny = 2\nraise ValueError('bad day')\n", 3, "ValueError: bad day"),
        ("import sys\nsys.exit(7)\n", 2, "SystemExit: 7"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_where_and_why(run, write, source, line, words):
    path = write(source)
    text = run(start_error(path))
    assert text.startswith(f"{path}:{line}: {words}")


def test_a_failed_start_is_not_tried_again_by_those_who_wait(run, write, tmp_path):
    path = write(f"open({str(tmp_path / 'starts')!r}, 'a').write('x')\nraise ValueError\n")

    async def scene():
        async with PluginPool() as pool:
            first = await asyncio.gather(
                *(pool.open(path) for _ in range(100)), return_exceptions=True
            )
            assert {type(error) for error in first} == {PluginStartError}
            with pytest.raises(PluginStartError):
                await pool.open(path)

    run(scene())
    assert (tmp_path / "starts").read_text() == "x"


def test_a_process_that_dies_while_loading_tells_its_exit_and_last_words(run, write):
    text = run(start_error(write("import os\nos.write(2, b'farewell\\n')\nos._exit(3)\n")))
    assert "exit 3" in text
    assert "farewell" in text


def test_a_load_that_takes_too_long_is_killed_and_shows_its_output(run, write):
    path = write("import time\nprint('still at it')\ntime.sleep(60)\n")
    text = run(start_error(path, start_timeout=2))
    assert "not loaded within 2 s" in text
    assert "still at it" in text


def test_a_missing_debugtalk_is_a_start_error(run, tmp_path):
    assert "No such file" in run(start_error(tmp_path / "debugtalk.py"))


def test_a_missing_interpreter_is_named(run, write):
    assert "/no/such/python" in run(start_error(write(PID), python="/no/such/python"))


def test_an_interpreter_without_execute_bit_is_named(run, write, tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\n")
    python.chmod(stat.S_IRUSR)
    text = run(start_error(write(PID), python=str(python)))
    assert str(python) in text
    assert "Permission denied" in text


def test_an_interpreter_that_is_too_old_is_named_with_its_version(run, write, tmp_path):
    python = tmp_path / "python3.5"
    python.write_text(
        f"#!{sys.executable}\nimport sys\nsys.version_info = (3, 5, 1)\nsys.version = '3.5.1 x'\n"
        f"sys.executable = {str(python)!r}\n"
        "at = sys.argv.index('-c') + 1\nprogram = sys.argv[at]\n"
        "sys.argv = ['-c', *sys.argv[at + 1:]]\nexec(program)\n"
    )
    python.chmod(0o700)
    text = run(start_error(write(PID), python=str(python)))
    assert f"{python} is Python 3.5.1; 3.8 or newer is needed" in text


def test_the_projects_own_venv_is_used_and_needs_none_of_our_packages(run, write):
    path = write("import sys\ndef prefix(): return sys.prefix\n")
    own = path.parent / ".venv"
    venv.create(own, with_pip=False, symlinks=True)

    async def scene():
        async with opened(path) as (_, plugin):
            assert await plugin.call("prefix") == str(own)
        async with opened(path, python=str(own)) as (_, plugin):
            assert await plugin.call("prefix") == str(own)
        async with opened(path, python=sys.executable) as (_, plugin):
            assert await plugin.call("prefix") == sys.prefix

    run(scene())


def test_hrps_venv_is_used_by_a_project_without_its_own(run, write, monkeypatch, tmp_path):
    path = write("import sys\ndef prefix(): return sys.prefix\n")
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))

    async def scene(prefix):
        async with opened(path) as (_, plugin):
            assert await plugin.call("prefix") == str(prefix)

    run(scene(sys.prefix))
    venv.create(home / ".hrp" / "venv", with_pip=False, symlinks=True)
    run(scene(home / ".hrp" / "venv"))
    venv.create(path.parent / ".venv", with_pip=False, symlinks=True)
    run(scene(path.parent / ".venv"))


def test_a_missing_module_names_the_interpreter_and_how_to_choose_one(run, write):
    async def scene():
        async with PluginPool(PluginOptions(python=sys.executable)) as pool:
            with pytest.raises(PluginStartError) as failed:
                await pool.open(write("import no_such_module\n"))
            return failed.value.hint

    hint = run(scene())
    assert f"run by {sys.executable}:" in hint
    assert all(word in hint for word in ("--python", "~/.hrp/venv"))


def test_modules_of_the_project_do_not_shadow_what_the_process_needs(run, write):
    path = write("import mine\ndef f(): return mine.x\n")
    for name in ("json", "random", "asyncio", "socket", "pool", "orjson", "ast"):
        (path.parent / f"{name}.py").write_text("raise SystemExit('shadowed')\n")
    (path.parent / "mine.py").write_text("x = 5\n")

    async def scene():
        here = os.getcwd()
        os.chdir(path.parent)
        try:
            async with opened(path) as (_, plugin):
                assert await plugin.call("f") == 5
        finally:
            os.chdir(here)

    run(scene())


@pytest.mark.parametrize(
    "folder", ["with space", 'it\'s "quoted"', "two\nlines", "中文", "x" * 150 + "/" + "y" * 150]
)
def test_nothing_is_written_beside_the_file_in_any_folder(run, write, folder):
    path = write("import mine\ndef f(): return mine.x\n", folder)
    (path.parent / "mine.py").write_text("x = 5\n")
    before = files_below(path.parent)
    path.parent.chmod(0o500)

    async def scene():
        async with opened(path) as (_, plugin):
            assert await plugin.call("f") == 5

    try:
        run(scene())
    finally:
        path.parent.chmod(0o700)
    assert files_below(path.parent) == before


def test_no_file_descriptors_left_is_a_start_error_that_names_the_limit(write):
    program = f"""
import asyncio, os, resource
from boomtalk.engine.errors import PluginStartError
from boomtalk.plugins import PluginPool

async def main():
    async with PluginPool() as pool:
        used = len(os.listdir("/proc/self/fd"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (used, resource.getrlimit(7)[1]))
        try:
            await pool.open({str(write(PID))!r})
        except PluginStartError as error:
            print(error, "|", error.hint)

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "Too many open files" in done.stdout, done
    assert "ulimit -n" in done.stdout
    assert resource.RLIMIT_NOFILE == 7


def test_the_environment_of_a_project_reaches_its_own_process_only(run, write):
    source = "import os\ndef get(name): return os.environ.get(name)\n"
    one, two = write(source, "one"), write(source, "two")

    async def scene():
        async with PluginPool() as pool:
            first = await pool.open(one, {"BOOM_MARK": "uno"})
            second = await pool.open(two)
            assert await first.call("get", ["BOOM_MARK"]) == "uno"
            assert await second.call("get", ["BOOM_MARK"]) is None
            assert "BOOM_MARK" not in os.environ

    run(scene())


def test_closing_the_pool_in_mid_start_leaves_nothing(run, write):
    path = write("import time\ntime.sleep(60)\n")

    async def scene():
        async with PluginPool() as pool:
            opening = asyncio.create_task(pool.open(path))
            while not children():
                await asyncio.sleep(0.01)
        with pytest.raises(asyncio.CancelledError):
            await opening

    run(scene())


def test_a_closed_pool_opens_nothing(run, write):
    async def scene():
        async with PluginPool() as pool:
            pass
        with pytest.raises(PluginStartError, match="closed"):
            await pool.open(write(PID))

    run(scene())


def test_an_edited_file_is_told_once_and_the_old_code_goes_on_after_a_restart(run, write):
    log = Log()
    path = write("import os\ndef version(): return 1\ndef die(): os._exit(9)\ndef bad(): 1 / 0\n")

    async def scene():
        async with opened(path, log) as (pool, plugin):
            path.write_text("def version(): return 2\n")
            await log.wait_for("edited during the run")
            path.unlink()
            with pytest.raises(Exception, match="exit 9"):
                await plugin.call("die")
            assert await plugin.call("version") == 1
            assert "def bad(): 1 / 0" in (await failure(plugin.call("bad"))).traceback
            assert pool.snapshots()[0].source_changed

    run(scene())
    assert sum("edited during" in text for text in log.texts) == 1


def test_the_shown_path_is_relative_to_the_working_directory(run, write, monkeypatch):
    path = write(PID)
    monkeypatch.chdir(path.parent.parent)

    async def scene():
        async with opened(path) as (pool, plugin):
            assert pool.snapshots()[0].path == str(Path("project", "debugtalk.py"))
            assert "project/debugtalk.py ready" in repr(plugin)

    run(scene())

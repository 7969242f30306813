"""Test that a plugin's output goes to the log, however it prints and however much."""

import asyncio

from .bench import Log, opened

WAYS = """
import ctypes, os, subprocess, sys
libc = ctypes.CDLL(None)
def say(where):
    print("print", where)
    print("error", where, file=sys.stderr)
    os.write(1, b"write %s\\n" % where.encode())
    os.write(2, b"write2 %s\\n" % where.encode())
    os.system("echo system " + where)
    subprocess.run(["echo", "subprocess", where])
    libc.puts(b"puts %s" % where.encode())
    libc.fflush(None)
    return where
say("import")
"""
WORDS = ["print", "error", "write", "write2", "system", "subprocess", "puts"]


def test_every_way_to_print_ends_in_the_log_with_a_prefix(run, write):
    log = Log()
    path = write(WAYS)

    async def scene():
        async with opened(path, log) as (pool, plugin):
            assert await plugin.call("say", ["call"]) == "call"
            assert pool.snapshots()[0].frames_bad == 0

    run(scene())
    for where in ("import", "call"):
        for word in WORDS:
            assert ("info", f"[{path}] {word} {where}") in log.lines


def test_a_flood_of_output_blocks_nobody_and_is_cut_with_notice(run, write):
    log = Log()
    source = """
import sys
def flood():
    for _ in range(100):
        sys.stderr.write("x" * 100 + "\\n" + "y" * 999_900 + "\\n")
def echo(x): return x
"""

    async def scene():
        async with opened(write(source), log) as (_, plugin):
            flood = plugin.call("flood")
            while not flood.done():
                assert await plugin.call("echo", [1]) == 1
            await flood

    run(scene())
    assert any("bytes of output dropped" in text for text in log.texts)
    assert sum(map(len, log.texts)) < 10_000_000
    assert max(map(len, log.texts)) < 10_000


def test_a_line_without_end_is_shown_in_pieces(run, write):
    log = Log()
    source = "import os, time\ndef f():\n    os.write(1, b'x' * 20_000)\n    time.sleep(30)\n"

    async def scene():
        async with opened(write(source), log) as (_, plugin):
            call = plugin.call("f")
            await log.wait_for("xxx")
            call.cancel()

    run(scene())


def test_a_flood_of_empty_lines_is_a_flood_too(run, write):
    log = Log()
    source = "import os\ndef flood():\n    for _ in range(20): os.write(1, b'\\n' * 60_000)\n"

    async def scene():
        async with opened(write(source), log) as (_, plugin):
            await plugin.call("flood")

    run(scene())
    assert 100 < len(log.lines) < 12_000


def test_output_that_is_no_text_is_shown_all_the_same(run, write):
    log = Log()
    source = "import os\nos.write(1, b'\\xff\\xfe ok\\nunfinished')\nprint('\\ud800')\n"

    async def scene():
        async with opened(write(source), log):
            pass

    run(scene())
    assert any("\ufffd\ufffd ok" in text for text in log.texts)
    assert any("unfinished\\ud800" in text for text in log.texts)


def test_the_last_words_of_a_crash_are_in_the_log(run, write):
    log = Log()
    source = "import os\ndef leave():\n    os.write(2, b'farewell')\n    os._exit(5)\n"

    async def scene():
        async with opened(write(source), log) as (_, plugin):
            await asyncio.gather(plugin.call("leave"), return_exceptions=True)

    run(scene())
    assert any("farewell" in text for text in log.texts)
    assert any("died (exit 5)" in text for level, text in log.lines if level == "warning")

"""Test frames in any chunks, and what happens to a process that sends bad ones."""

import asyncio
import random
import socket
import sys
from pathlib import Path

import pytest
from boomtalk.engine.errors import PluginStartError
from boomtalk.plugins import child
from boomtalk.plugins.pipe import Pipe
from hypothesis import given
from hypothesis import strategies as st

from .bench import failure, opened, until

FAKE = Path(__file__).with_name("fake_child.py")
some_frames = st.lists(st.tuples(st.integers(4, 11), st.integers(0, 2**64 - 1), st.binary()))


@given(some_frames, st.lists(st.integers(1, 64), min_size=1))
def test_a_stream_cut_anywhere_gives_the_same_frames(frames, sizes):
    stream = b"".join(child.pack(*frame) for frame in frames)
    reader, found, start = child.FrameReader(), [], 0
    while start < len(stream):
        size = sizes[len(found) % len(sizes)] if len(sizes) > 1 else sizes[0]
        found += reader.feed(stream[start : start + size])
        start += size
    assert [(kind, call_id, payload) for kind, call_id, _, payload in found] == frames


@pytest.mark.parametrize("header", [(1, 1, 6, 1, 0, 0), (0x7462, 2, 6, 1, 0, 0)])
def test_a_foreign_header_is_refused(header):
    with pytest.raises(child.FrameError):
        child.FrameReader().feed(child.HEADER.pack(*header))


def test_a_length_over_the_cap_is_refused_before_anything_is_kept():
    header = child.HEADER.pack(child.MAGIC, child.VERSION, child.RESULT, 1, 0xFFFFFFFF, 0)
    with pytest.raises(child.FrameError, match="4294967295"):
        child.FrameReader().feed(header)


@pytest.fixture
def fake(write, tmp_path):
    """Open a plugin whose interpreter is the fake child."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {FAKE} "$@"\n')
    python.chmod(0o700)

    def open_fake(mode, **options):
        environment = {"FAKE_MODE": mode, "FAKE_LIVES": str(tmp_path / "lives")}
        return opened(write(""), environment=environment, python=str(python), **options)

    return open_fake


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("magic", "protocol: bad magic 0x1234"),
        ("version", "protocol: version 9, not 1"),
        ("length", "protocol: a payload of 4294967295 bytes, more than 16777216"),
        ("kind", "protocol: an unreadable answer: a frame of kind 99"),
        ("unknown_id", "protocol: an answer to call 1001, which is not in flight"),
        ("not_json", "protocol: an unreadable answer"),
        ("bad_error", "protocol: an unreadable answer"),
    ],
)
def test_a_bad_frame_costs_the_process_and_the_call_but_no_more(run, fake, mode, why):
    async def scene():
        async with fake(mode) as (pool, plugin):
            error = await failure(plugin.call("f"))
            assert error.kind == "plugin_crashed"
            assert error.detail.startswith(why)
            assert await plugin.call("f") == "answer 2"
            seen = pool.snapshots()[0]
            assert (seen.frames_bad, seen.crashed, seen.ok, seen.restarts) == (1, 1, 1, 1)

    run(scene())


def test_a_second_answer_to_a_call_reaches_nobody(run, fake):
    async def scene():
        async with fake("twice") as (pool, plugin):
            assert await plugin.call("f") == "answer 1"
            await until(lambda: pool.snapshots()[0].restarts == 1)
            assert await plugin.call("f") == "answer 2"
            assert pool.snapshots()[0].frames_bad == 1

    run(scene())


def test_a_process_that_leaves_as_soon_as_it_is_ready_is_no_hang(run, fake):
    async def scene():
        async with fake("leaves") as (_, plugin):
            await until(lambda: plugin.state != "ready")
            return await plugin.call("f")

    async def outcome():
        try:
            return await scene()
        except PluginStartError as error:
            return str(error)

    end = run(outcome())
    assert end == "answer 1" or "exit 3" in end


def test_half_a_frame_and_then_the_end_is_a_crash(run, fake):
    async def scene():
        async with fake("half") as (_, plugin):
            error = await failure(plugin.call("f"))
            assert (error.kind, error.detail) == ("plugin_crashed", "exit 0")
            assert await plugin.call("f") == "answer 2"

    run(scene())


def test_an_answer_that_comes_byte_by_byte_is_an_answer(run, fake):
    async def scene():
        async with fake("bytewise") as (pool, plugin):
            answers = await asyncio.gather(*(plugin.call("f") for _ in range(20)))
            assert answers == [f"answer {number}" for number in range(1, 21)]
            assert pool.snapshots()[0].frames_bad == 0

    run(scene())


def test_the_pipe_knows_which_frames_the_kernel_did_not_take(run):
    async def scene():
        ours, theirs = socket.socketpair()
        pipe = Pipe(ours, list, lambda: None, lambda why: None)
        chance = random.Random(1)
        sizes = [chance.choice([10, 5000, 300_000]) for _ in range(200)]
        frames = [child.pack(child.CALL, number, b"x" * size) for number, size in enumerate(sizes)]
        pipe.write(frames)
        unsent = pipe.unsent_ids()
        assert 0 < len(unsent) < 200
        assert not pipe.has_room
        reader, found = child.FrameReader(), []
        theirs.setblocking(False)
        while True:
            try:
                found += reader.feed(theirs.recv(100_000))
            except BlockingIOError:
                break
        assert [call_id for _, call_id, _, _ in found] + unsent == list(range(200))
        while len(found) < 200:
            await asyncio.sleep(0)
            try:
                found += reader.feed(theirs.recv(100_000))
            except BlockingIOError:
                continue
        assert [len(payload) for *_, payload in found] == sizes
        assert pipe.has_room
        pipe.close()
        theirs.close()

    run(scene())

"""Reach a plugin in Go: frames of the supervisor become calls of gRPC, and answers become frames.

It is the protocol of go-plugin, as HttpRunner uses it: the process listens on a socket and prints
the address.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from inspect import Parameter
from pathlib import Path
from time import perf_counter
from typing import Any

import grpc.aio

from .child import (
    CALL,
    ERROR,
    FAILED,
    HEADER,
    MAX_PAYLOAD,
    MAX_TEXT,
    PING,
    PONG,
    READY,
    RESULT_EXACT,
    Frame,
    FrameError,
)
from .go_handshake import Handshake, find_handshake, is_chatter
from .go_messages import decode_names, decode_printed, decode_value
from .launch import Events

NAMES = "/proto.DebugTalk/GetNames"
CALLS = "/proto.DebugTalk/Call"
PRINTED = "/plugin.GRPCStdio/StreamStdio"
SHUTDOWN = "/plugin.GRPCController/Shutdown"
NOTHING = b""
# How long after the end of a process its last answers may take, or after an error of a function
# that says `Unavailable` the news that it was the connection.
LAST_ANSWERS = 0.2
ANY_ARGUMENTS = [["arguments", int(Parameter.VAR_POSITIONAL), False]]
OPTIONS = (
    # A plugin is on this machine, whatever HTTP_PROXY says.
    ("grpc.enable_http_proxy", 0),
    # There is no second connection: the file of the socket is removed after the first.
    ("grpc.client_idle_timeout_ms", 2**31 - 1),
    ("grpc.max_receive_message_length", MAX_PAYLOAD + 1024),
    ("grpc.max_send_message_length", MAX_PAYLOAD + 1024),
)


class GoLink:
    """Runs up to `threads` calls at once; more wait here, and count as not sent."""

    def __init__(self, path: Path, threads: int, events: Events) -> None:
        self.on_frames = events.on_frames
        self._events = events
        self._path = path
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._handshake: Handshake | None = None
        self._channel: grpc.aio.Channel | None = None
        self._print: Callable[[bytes, int], None] = lambda chunk, source: None
        self._is_lost = False
        self._waiting: deque[bytes] = deque()
        self._calls: set[asyncio.Task[None]] = set()
        self._others: set[asyncio.Task[None]] = set()
        self._reader: asyncio.Task[None] | None = None
        self._watcher: asyncio.Task[None] | None = None

    # Start

    def claim(self, line: bytes) -> bool:
        """Take the handshake out of the printed lines, and the log of the plugin's library."""
        if self._handshake is not None:
            return is_chatter(line)
        self._handshake = find_handshake(line)
        if self._handshake is None:
            return is_chatter(line)
        self._run(self._connect(self._handshake))
        return True

    def print_with(self, take: Callable[[bytes, int], None]) -> None:
        """Give printed text that comes through gRPC to `take`."""
        self._print = take

    async def _connect(self, handshake: Handshake) -> None:
        if handshake.problem:
            self._fail(handshake.problem)
            return
        self._channel = grpc.aio.insecure_channel(handshake.target, OPTIONS)
        # Whatever the plugin prints has to be read from the beginning on, or it blocks.
        self._reader = self._run(self._read_printed(self._channel))
        try:
            names = decode_names(await self._channel.unary_unary(NAMES)(NOTHING))
        except grpc.aio.AioRpcError as error:
            self._fail(f"it cannot be asked for its functions: {error.details()}")
            return
        except ValueError as error:
            self._fail(f"it does not tell its functions: {error}")
            return
        self._remove_socket()
        self._watcher = self._run(self._watch(self._channel))
        functions = dict.fromkeys(sorted(names), ANY_ARGUMENTS)
        self._deliver(READY, 0, json.dumps({"python": "Go", "functions": functions}).encode())

    def _fail(self, problem: str) -> None:
        report = {"file": str(self._path), "line": 0, "traceback": "", "type": ""}
        report["message"] = f"not a plugin of HttpRunner: {problem}"
        self._deliver(FAILED, 0, json.dumps(report).encode())

    def _remove_socket(self) -> None:
        """Remove the file of the socket: a plugin that is killed would leave it."""
        if self._handshake and self._handshake.network == "unix":
            socket = Path(self._handshake.address)
            with contextlib.suppress(OSError):
                if socket.is_socket():
                    socket.unlink()

    async def _read_printed(self, channel: grpc.aio.Channel) -> None:
        with contextlib.suppress(grpc.aio.AioRpcError, ValueError):
            async for message in channel.unary_stream(PRINTED)(NOTHING):
                source, text = decode_printed(message)
                self._print(text, source)

    async def _watch(self, channel: grpc.aio.Channel) -> None:
        while self._has_connection:
            await channel.wait_for_state_change(grpc.ChannelConnectivity.READY)
        self._events.on_lost()

    # Calls

    @property
    def has_room(self) -> bool:
        return not self._waiting and not self._is_lost

    def write(self, frames: Iterable[bytes]) -> None:
        for frame in frames:
            _, _, kind, call_id, _, _ = HEADER.unpack_from(frame)
            if kind == CALL:
                self._waiting.append(frame)
            elif kind == PING:
                self._ping(call_id)
            else:
                self._run(self._ask(SHUTDOWN))
        self._begin()

    def unsent_ids(self) -> list[int]:
        return [HEADER.unpack_from(frame)[3] for frame in self._waiting]

    def _begin(self) -> None:
        while self._waiting and not self._is_lost and len(self._calls) < self._threads:
            task = self._loop.create_task(self._call(self._waiting.popleft()))
            self._calls.add(task)
            task.add_done_callback(self._called)

    def _called(self, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        self._begin()

    async def _call(self, frame: bytes) -> None:
        assert self._channel
        call_id = HEADER.unpack_from(frame)[3]
        started = perf_counter()
        try:
            answer = await self._channel.unary_unary(CALLS)(frame[HEADER.size :])
            run = perf_counter() - started
            self._deliver(RESULT_EXACT, call_id, decode_value(answer), run)
        except grpc.aio.AioRpcError as error:
            run = perf_counter() - started
            if error.code() is not grpc.StatusCode.UNAVAILABLE or await self._is_connected():
                self._deliver(ERROR, call_id, _told(error), run)
            else:
                self._is_lost = True
        except ValueError as error:
            self._events.on_fault(f"an unreadable answer: {error}")

    async def _is_connected(self) -> bool:
        """Return whether an error `Unavailable` is the function's own."""
        if self._has_connection:
            await asyncio.sleep(LAST_ANSWERS)
        return self._has_connection

    @property
    def _has_connection(self) -> bool:
        return bool(self._channel and self._channel.get_state() is grpc.ChannelConnectivity.READY)

    def _ping(self, call_id: int) -> None:
        # A call that hangs keeps its place. If all places are taken, nothing can go on.
        if len(self._calls) < self._threads:
            self._run(self._ask(NAMES, lambda: self._deliver(PONG, call_id)))

    async def _ask(self, method: str, then: Callable[[], None] = lambda: None) -> None:
        if self._channel:
            with contextlib.suppress(grpc.aio.AioRpcError):
                await self._channel.unary_unary(method)(NOTHING)
                then()

    def _deliver(self, kind: int, call_id: int, payload: bytes = b"", run: float = 0.0) -> None:
        frame: Frame = (kind, call_id, run, payload)
        try:
            self.on_frames([frame])
        except FrameError as error:
            self._events.on_fault(str(error))

    # End

    def end(self, then: Callable[[], None]) -> None:
        self._run(self._end(then))

    async def _end(self, then: Callable[[], None]) -> None:
        self._is_lost = True
        if self._watcher:
            self._watcher.cancel()  # that the connection is gone is not news any more
        last = [*self._calls, *filter(None, [self._reader])]
        if last:
            await asyncio.wait(last, timeout=LAST_ANSWERS)
        rest = [*self._calls, *(self._others - {asyncio.current_task()})]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        if self._channel:
            await self._channel.close()
        self._remove_socket()
        then()

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(coroutine)
        self._others.add(task)
        task.add_done_callback(self._others.discard)
        return task


def _told(error: grpc.aio.AioRpcError) -> bytes:
    """Return [detail, message, traceback] as JSON."""
    code = error.code()
    # Go's own errors come as UNKNOWN.
    detail = "error" if code is grpc.StatusCode.UNKNOWN else code.name.lower()
    text = (error.details() or "")[:MAX_TEXT]
    return json.dumps([detail, text.encode("utf-8", "replace").decode(), ""]).encode()

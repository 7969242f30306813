"""Load one debugtalk.py and answer calls over a socket: this file is the plugin process.

It runs in the project's own interpreter, so it uses only the standard library and the syntax of
Python 3.8, and orjson if that interpreter has it. The parent imports the frame layout from here
and nothing else.

A frame is a fixed header (magic, version, kind, call id, payload length, run time in seconds)
and a payload, nearly always JSON. The id is in the header, so that even an answer that cannot be
decoded can be assigned to its call.
"""

from __future__ import annotations

import collections
import contextlib
import inspect
import json
import linecache
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
import traceback
import types
from collections.abc import Callable
from typing import Any, Tuple  # noqa: UP035

try:
    import orjson
except Exception:  # the plugin must work even if its environment has a broken orjson
    orjson = None  # type: ignore[assignment]

HEADER = struct.Struct("<HBBQIf")
MAGIC = 0x7462
VERSION = 1
MAX_PAYLOAD = 16 * 1024 * 1024
MAX_DEPTH = 250
MAX_INTEGER_BITS = 14_000  # Python refuses to print over 4300 digits (CVE-2020-10735)
MAX_TEXT = 4096
READ_SIZE = 256 * 1024

START, READY, FAILED, CALL, CALL_EXACT = 1, 2, 3, 4, 5
RESULT, RESULT_EXACT, ERROR, PING, PONG, STOP = 6, 7, 8, 9, 10, 11

PIPE_LOST = 70  # exit status when the socket to the parent is gone
BROKEN = 71  # exit status when serving itself failed
TICK = 0.002  # after a call has run for one tick, another thread serves the other calls
FLUSH_AFTER = 0.001  # answers are sent in batches, but a caller waits no longer than this for one
JSON_NAMES = ("json", "req_json")
BODY_NAMES = (*JSON_NAMES, "data", "content")

Frame = Tuple[int, int, float, bytes]  # noqa: UP006


class FrameError(Exception):
    """The other side violated the protocol."""


class ResultError(Exception):
    """JSON cannot express a result exactly. `detail` is that of the failure in the report."""

    def __init__(self, message: str, detail: str = "result") -> None:
        super().__init__(message)
        self.detail = detail


def pack(kind: int, call_id: int, payload: bytes = b"", run: float = 0.0) -> bytes:
    return HEADER.pack(MAGIC, VERSION, kind, call_id, len(payload), run) + payload


class FrameReader:
    """Splits a stream of bytes into frames, whatever chunks it arrives in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._missing = 0

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the frames that `chunk` completes; raises FrameError at a bad header."""
        if self._missing > len(chunk):
            self._parts.append(chunk)
            self._missing -= len(chunk)
            return []
        if self._parts:
            chunk = b"".join(self._parts) + chunk
            self._parts = []
        self._missing = 0
        return self._cut(chunk)

    def _cut(self, data: bytes) -> list[Frame]:
        frames: list[Frame] = []
        start, end, needed = 0, len(data), HEADER.size
        while end - start >= HEADER.size:
            magic, version, kind, call_id, length, run = HEADER.unpack_from(data, start)
            if magic != MAGIC or version != VERSION or length > MAX_PAYLOAD:
                raise FrameError(_bad_header(magic, version, length))
            stop = start + HEADER.size + length
            if stop > end:
                needed = HEADER.size + length
                break
            frames.append((kind, call_id, run, data[start + HEADER.size : stop]))
            start = stop
        if start < end:
            self._parts = [data[start:]]
            self._missing = needed - (end - start)
        return frames


def _bad_header(magic: int, version: int, length: int) -> str:
    if magic != MAGIC:
        return f"bad magic 0x{magic:04x}"
    if version != VERSION:
        return f"version {version}, not {VERSION}"
    return f"a payload of {length} bytes, more than {MAX_PAYLOAD}"


# Values


def plain_size(value: Any, depth: int = 0) -> int:  # noqa: C901
    """Return a lower bound for the size of `value` as JSON, without encoding it.

    Return 0 unless every JSON library writes and reads the value in the same way.
    """
    kind = type(value)
    if kind is str:
        return len(value) + 2
    if value is None or kind is bool:
        return 4
    if kind is int:
        return 1 if -(2**63) <= value < 2**64 else 0
    if kind is float:
        return 3 if value - value == 0 else 0
    if depth >= MAX_DEPTH:
        return 0
    if kind is dict:
        size = 2
        for key, item in value.items():
            inner = plain_size(item, depth + 1)
            if not inner or type(key) is not str:
                return 0
            size += len(key) + 3 + inner
        return size
    if kind is list or kind is tuple:
        size = 1
        for item in value:
            inner = plain_size(item, depth + 1)
            if not inner:
                return 0
            size += inner + 1
        return size
    return 0


def find_fault(value: Any, path: str = "$", above: tuple[int, ...] = ()) -> str | None:
    """Return the place in `value` that JSON cannot express exactly, and what is there."""
    if isinstance(value, str):
        return _text_fault(value, path)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        too_long = value.bit_length() > MAX_INTEGER_BITS
        return f"{path}: int of more than {MAX_INTEGER_BITS} bits" if too_long else None
    if isinstance(value, float):
        return None if value - value == 0 else f"{path}: {value!r}"
    if not isinstance(value, (dict, list, tuple)):
        return f"{path}: {_type_name(value)}"
    if id(value) in above:
        return path + ": contains itself"
    if len(above) >= MAX_DEPTH:
        return f"{path[:80]}...: nested more than {MAX_DEPTH} levels"
    return _container_fault(value, path, (*above, id(value)))


def _text_fault(value: str, path: str) -> str | None:
    if len(value) > MAX_PAYLOAD:
        raise ResultError(f"{path}: str of {len(value)} characters is too large", "too_large")
    try:
        value.encode()
    except UnicodeEncodeError:
        return path + ": str with a lone surrogate"
    return None


def _container_fault(value: Any, path: str, above: tuple[int, ...]) -> str | None:
    if not isinstance(value, dict):
        items = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    else:
        for key in value:
            if not isinstance(key, str):
                return f"{path}: key {key!r:.60} is {_type_name(key)}, not str"
            if _text_fault(key, path):
                return path + ": key with a lone surrogate"
        items = [(f"{path}.{key}", item) for key, item in value.items()]
    for inner, item in items:
        fault = find_fault(item, inner, above)
        if fault:
            return fault
    return None


def _type_name(value: Any) -> str:
    return f"class {value.__name__}" if isinstance(value, type) else type(value).__name__


_PLAIN_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _no_default(value: Any) -> Any:
    raise TypeError(type(value).__name__)


def _stdlib_dumps() -> Callable[[Any], bytes]:
    # JSONEncoder.encode would create this encoder again for each value. The first argument turns
    # off the detection of cycles: the depth was checked already, and a table shared between
    # threads would report cycles that do not exist.
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return lambda value: _PLAIN_ENCODER.encode(value).encode()
    quote = json.encoder.encode_basestring
    encode = make(None, _no_default, quote, None, ":", ",", False, False, False)
    return lambda value: "".join(encode(value, 0)).encode()


def _stdlib_loads() -> Callable[[bytes], Any]:
    scan: Callable[[str, int], Any] = vars(json.JSONDecoder())["scan_once"]
    return lambda payload: scan(payload.decode(), 0)[0]


dumps_exact = _stdlib_dumps()
loads_exact = _stdlib_loads()
dumps: Callable[[Any], bytes] = orjson.dumps if orjson else dumps_exact
loads: Callable[[bytes], Any] = orjson.loads if orjson else loads_exact


def encode_result(value: Any) -> tuple[int, bytes]:
    """Return the frame kind and payload of a value; raises ResultError if JSON cannot express it.

    Any JSON library may read RESULT; RESULT_EXACT needs one that keeps large integers exact.
    """
    kind, payload = RESULT, b""
    size = plain_size(value)
    if size > MAX_PAYLOAD:  # checked before encoding: memory may not suffice for a second copy
        raise ResultError(f"$: {size} bytes of JSON or more, too large", "too_large")
    if size:
        try:  # noqa: SIM105 (`suppress` would cost more than all the rest)
            payload = dumps(value)
        except (TypeError, ValueError):  # a lone surrogate
            pass
    if not payload:
        fault = find_fault(value)
        if fault:
            raise ResultError(fault)
        kind, payload = RESULT_EXACT, dumps_exact(value)
    if len(payload) > MAX_PAYLOAD:
        raise ResultError(f"$: {len(payload)} bytes of JSON, too large", "too_large")
    return kind, payload


def describe_error(error: BaseException) -> bytes:
    """Return [detail, message, traceback] as JSON, shortened, even if str(error) raises."""
    detail = type(error).__name__
    try:
        text = str(error)
    except BaseException as inner:
        text = f"(its __str__ raised {type(inner).__name__})"
    message = f"{detail}: {text}" if text else detail
    if isinstance(error, ResultError):
        detail, message = error.detail, "the result cannot be sent: " + text
    texts = [detail, message[:MAX_TEXT], user_frames(error)[-MAX_TEXT:]]
    return json.dumps(
        [text.encode("utf-8", "backslashreplace").decode() for text in texts]
    ).encode()


def user_frames(error: BaseException) -> str:
    """Return the traceback without the frames of this file."""
    frames = traceback.extract_tb(error.__traceback__, limit=-20)
    return "".join(traceback.format_list([f for f in frames if f.filename != OWN_FILE]))


OWN_FILE = pack.__code__.co_filename


# Calls


class Watch:
    """Gives back the argument of a hook that changes it and returns nothing, as HttpRunner 3's."""

    def __init__(self, args: list[Any], position: int) -> None:
        if isinstance(args[position], dict):
            args[position] = Message(args[position])
        self.argument = args[position]
        self.before = encode_result(self.argument)

    def result(self, value: Any) -> Any:
        if value is not None or encode_result(self.argument) == self.before:
            return value
        return self.argument


class Message(dict):  # type: ignore[type-arg]
    """A request or response as a hook sees it, in the spellings of HttpRunner 2 and 3, too.

    There the body was `json`, `req_json` or `data` of a request, and `json`, `content` or `text`
    of a response, which had attributes. `in` says that a JSON body is no `data`, and the reverse.
    """

    def __missing__(self, name: str) -> Any:
        if name in BODY_NAMES and "body" in self:
            return self["body"]
        if name == "text" and "body" in self:
            return self["body"] if isinstance(self["body"], str) else json.dumps(self["body"])
        if name == "ok" and "status_code" in self:
            return self["status_code"] < 400
        raise KeyError(f"{name}: a hook sees {', '.join(self)}")

    def __contains__(self, name: object) -> bool:
        if name not in BODY_NAMES:
            return super().__contains__(name)
        body = super().get("body")
        return body is not None and isinstance(body, (dict, list)) is (name in JSON_NAMES)

    def __setitem__(self, name: str, value: Any) -> None:
        if name in BODY_NAMES:
            name = "body"
        if name == "body" and isinstance(value, bytes):
            value = value.decode()
        super().__setitem__(name, value)

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401

    def pop(self, name: str, *default: Any) -> Any:
        if name not in BODY_NAMES:
            return super().pop(name, *default)
        value = self.get(name, *default) if default else self[name]
        self["body"] = None
        return value

    def update(self, *maps: Any, **named: Any) -> None:
        for name, value in dict(*maps, **named).items():
            self[name] = value

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class Server:
    """Answers calls with up to `threads` threads, one of which is the leader.

    The leader reads the socket and runs the calls itself, so that short calls need no switch of
    threads. If a call runs longer than a tick, the watchdog (the main thread) passes the lead to
    another thread; the slow thread sends its own answer later and waits for the lead again. If a
    function was slow the last time, the lead is passed on before it runs.
    """

    def __init__(
        self, sock: socket.socket, functions: dict[str, Callable[..., Any]], threads: int
    ) -> None:
        self.sock = sock
        self.functions = functions
        self.threads = threads
        self.coroutines = {name for name, f in functions.items() if is_coroutine_function(f)}
        self.start_coroutine: Callable[[Any], Any] | None = None
        self.reader = FrameReader()
        self.calls: collections.deque[Frame] = collections.deque()
        self.replies: list[bytes] = []
        self.flushed_at = 0.0
        self.sending = threading.Lock()
        # The leader runs user code while its call id is in `inside`. The thread that pops the id
        # owns the lead: dict.pop and popitem are atomic, so leader and watchdog cannot both do.
        self.inside: dict[int, bool] = {}
        self.slow: set[str] = set()  # functions whose last call outlived a tick
        self.current = ""  # the function that the leader is in
        self.idle: list[bool] = []  # one entry for each thread that waits for the lead
        self.started = 0
        self.lead = threading.Semaphore(1)
        self.served = 0
        self.busy = False
        self.dozing = False
        self.wake = threading.Event()
        self.stopping = False

    def run(self) -> None:
        """Serve until the parent sends STOP; call it in the main thread."""
        if self.coroutines:
            self.start_coroutine = start_event_loop()
        self.start_thread()
        self.watch()

    def start_thread(self) -> None:
        threading.Thread(target=self.work, daemon=True).start()
        self.started += 1

    def work(self) -> None:
        try:
            while not self.stopping:
                self.idle.append(True)
                self.lead.acquire()
                self.idle.pop()
                self.serve()
        except BaseException:  # without a leader the process would hang and look alive
            traceback.print_exc()
            os._exit(BROKEN)

    def serve(self) -> None:
        """Read and answer calls as the leader, until the lead is taken away."""
        self.flush()
        while not self.stopping:
            while self.calls:
                kind, call_id, _, payload = self.calls.popleft()
                self.inside[call_id] = True
                reply = self.answer(kind, call_id, payload)
                if not self.inside.pop(call_id, False):
                    self.send(reply)
                    return
                self.served += 1
                self.replies.append(reply)
                if time.perf_counter() - self.flushed_at > FLUSH_AFTER:
                    self.flush()
            self.flush()
            self.read()

    def read(self) -> None:
        self.busy = False
        try:
            chunk = self.sock.recv(READ_SIZE)
        except OSError:
            os._exit(PIPE_LOST)
        if not chunk:
            os._exit(0)  # the parent is gone, so no answer is needed
        self.busy = True
        if self.dozing:
            self.wake.set()
        self.flushed_at = time.perf_counter()
        self.calls.extend(self.reader.feed(chunk))

    def flush(self) -> None:
        replies, self.replies = self.replies, []
        self.send(b"".join(replies))
        self.flushed_at = time.perf_counter()

    def send(self, data: bytes) -> None:
        if data:
            try:
                with self.sending:
                    self.sock.sendall(data)
            except OSError:
                os._exit(PIPE_LOST)

    def answer(self, kind: int, call_id: int, payload: bytes) -> bytes:
        if kind > CALL_EXACT:
            return self.control(kind, call_id)
        started = time.perf_counter()
        try:
            name, args, kwargs, watched = (loads if kind == CALL else loads_exact)(payload)
            watch = Watch(args, watched) if watched >= 0 else None
            if name in self.coroutines:
                coroutine = self.functions[name](*args, **kwargs)
                return self.begin(coroutine, watch, call_id, started)
            self.current = name
            if name in self.slow:
                self.hand_over(call_id)
            value = self.functions[name](*args, **kwargs)
            run = time.perf_counter() - started
            if self.slow and run < TICK:
                self.slow.discard(name)
            kind, payload = encode_result(value if watch is None else watch.result(value))
        except BaseException as error:  # a function that calls sys.exit() must not end the process
            return pack(ERROR, call_id, describe_error(error), time.perf_counter() - started)
        return HEADER.pack(MAGIC, VERSION, kind, call_id, len(payload), run) + payload

    def hand_over(self, call_id: int) -> None:
        """Pass the lead on before a call that is expected to take longer than a tick."""
        if self.inside.pop(call_id, False):
            self.flush()
            self.release_lead()

    def control(self, kind: int, call_id: int) -> bytes:
        if kind == PING:
            return pack(PONG, call_id)
        self.stopping = True
        self.wake.set()
        return b""

    def begin(self, coroutine: Any, watch: Watch | None, call_id: int, started: float) -> bytes:
        """Start an `async def` function on the event loop, which sends the answer itself."""
        assert self.start_coroutine is not None
        future = self.start_coroutine(self.finish(coroutine, watch, call_id, started))
        if self.threads == 1:
            future.result()
        return b""

    async def finish(
        self, coroutine: Any, watch: Watch | None, call_id: int, started: float
    ) -> None:
        try:
            value = await coroutine
            kind, payload = encode_result(value if watch is None else watch.result(value))
        except BaseException as error:
            kind, payload = ERROR, describe_error(error)
        self.send(pack(kind, call_id, payload, time.perf_counter() - started))

    # The watchdog

    def watch(self) -> None:
        hangup, parent, quiet = Hangup(self.sock), os.getppid(), 0
        while not self.stopping:
            seen = self.served
            time.sleep(TICK)
            if self.busy and hangup.is_due() and (hangup.happened() or os.getppid() != parent):
                os._exit(0)
            if self.served != seen:
                quiet = 0
            elif self.inside:
                self.pass_lead()
            elif not self.busy:
                quiet = self.doze() if quiet > 50 else quiet + 1

    def pass_lead(self) -> None:
        try:
            self.inside.popitem()
        except KeyError:
            return
        self.slow.add(self.current)
        self.release_lead()

    def release_lead(self) -> None:
        if not self.idle and self.started < self.threads:
            with contextlib.suppress(RuntimeError):  # no new thread possible; a busy one will end
                self.start_thread()
        self.lead.release()

    def doze(self) -> int:
        """Sleep until the leader has read something.

        No wake-up is lost: this sets `dozing` and then looks at `busy`, the leader does it the
        other way round.
        """
        self.wake.clear()
        self.dozing = True
        if not self.busy and not self.stopping:
            self.wake.wait()
        self.dozing = False
        return 0

    def forked(self) -> None:
        """Close the socket in a forked child.

        Otherwise the parent would not see the end of this process while the child lives.
        """
        self.sock.close()
        self.sending = threading.Lock()


class Hangup:
    """Detects that the parent closed the socket, even if every thread is busy and none reads."""

    def __init__(self, sock: socket.socket) -> None:
        self._poll = select.poll()
        self._poll.register(sock, getattr(select, "POLLRDHUP", 0))
        self._due_at = 0.0

    def is_due(self) -> bool:
        now = time.monotonic()
        if now < self._due_at:
            return False
        self._due_at = now + 0.25
        return True

    def happened(self) -> bool:
        # A function may have closed the socket of its own process, which is no hang-up.
        return any(not event & select.POLLNVAL for _, event in self._poll.poll(0))


# Start


def start_event_loop() -> Callable[[Any], Any]:
    """Run an event loop in a thread; return the function that starts a coroutine on it."""
    # Importing asyncio takes as long as the rest of a start, and few plugins have `async def`.
    import asyncio

    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop)


def is_coroutine_function(function: Callable[..., Any]) -> bool:
    try:
        return inspect.iscoroutinefunction(inspect.unwrap(function))
    except Exception:  # an object that answers every name, such as a proxy or a mock
        return False


class Funppy(types.ModuleType):
    """Replaces the module funppy, which debugtalk.py files for early versions of hrp call."""

    def __init__(self) -> None:
        super().__init__("funppy")
        self.registered: dict[str, Callable[..., Any]] = {}

    def register(self, name: str, function: Callable[..., Any]) -> None:
        self.registered[name] = function

    def serve(self) -> None:
        """Do nothing: boomtalk starts serving itself once the file is loaded."""


def load(path: str, source: bytes) -> dict[str, Callable[..., Any]]:
    """Run debugtalk.py as the module `debugtalk`, and return its public functions by name."""
    funppy = Funppy()
    sys.modules["funppy"] = funppy
    sys.argv[:] = [path]  # a file that parses arguments must not see ours
    sys.path.insert(0, os.path.dirname(path))
    module = types.ModuleType("debugtalk")
    module.__file__ = path
    sys.modules["debugtalk"] = module
    # Without a modification time linecache does not read the file again. So tracebacks show the
    # code that runs, even if the file was edited since.
    text = source.decode("utf-8", "replace")
    linecache.cache[path] = (len(source), None, text.splitlines(True), path)
    exec(compile(source, path, "exec"), module.__dict__)
    run_funppy_block(path, source, module)
    functions = {name: value for name, value in vars(module).items() if is_public(name, value)}
    functions.update(funppy.registered)
    return functions


def run_funppy_block(path: str, source: bytes, module: types.ModuleType) -> None:
    """Run `if __name__ == "__main__":` blocks that register functions with funppy."""
    import ast

    if b"funppy" not in source:
        return
    for node in ast.parse(source, path).body:
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        if isinstance(node, ast.If) and {"__name__", "funppy"} <= names:
            block = ast.Module(body=node.body, type_ignores=[])
            exec(compile(block, path, "exec"), module.__dict__)


def is_public(name: str, value: Any) -> bool:
    try:
        return not name.startswith("_") and callable(value) and not isinstance(value, type)
    except Exception:  # an object that raises whatever it is asked
        return False


def parameters(function: Callable[..., Any]) -> list[list[Any]] | None:
    """Return name, kind and whether there is a default of each parameter; None if unknown.

    A wrapper's own parameters count, because it may pass other arguments to the wrapped function.
    """
    for follow in (False, True):
        try:
            found = inspect.signature(function, follow_wrapped=follow).parameters.values()
            return [[one.name, int(one.kind), one.default is not one.empty] for one in found]
        except Exception:  # a function in C, or an object that answers anything
            continue
    return None


def describe_start_failure(path: str, error: BaseException) -> dict[str, Any]:
    """Describe a failed import for the parent, with the line in the user's file."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    file = error.filename if isinstance(error, SyntaxError) else None
    for frame in traceback.extract_tb(error.__traceback__):
        if line is None and frame.filename == path:
            line = frame.lineno
    detail, message, frames = json.loads(describe_error(error))
    return {
        "type": detail,
        "message": message,
        "file": file or path,
        "line": line or 0,
        "traceback": frames,
    }


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies (Linux only)."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except Exception:  # no ctypes or not Linux: then the end of the socket ends this process
        pass
    if os.getppid() != parent:  # the parent died before prctl
        os._exit(0)


def read_start(sock: socket.socket) -> dict[str, Any]:
    reader = FrameReader()
    while True:
        chunk = sock.recv(READ_SIZE)
        if not chunk:
            os._exit(0)
        for _, _, _, payload in reader.feed(chunk):
            return json.loads(payload.decode())  # type: ignore[no-any-return]


def prepare_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(  # type: ignore[union-attr]
            encoding="utf-8", errors="backslashreplace", line_buffering=True
        )


def main(fd: int, parent: int) -> None:
    if sys.platform == "linux":
        die_with(parent)
    sock = socket.socket(fileno=fd)
    sock.set_inheritable(False)  # programs that user code starts must not get it
    prepare_streams()
    start = read_start(sock)
    path = start["path"]
    try:
        functions = load(path, start["source"].encode("latin-1"))
    except BaseException as error:
        report = json.dumps(describe_start_failure(path, error)).encode()
        sock.sendall(pack(FAILED, 0, report))
        sys.exit(1)
    server = Server(sock, functions, start["threads"])
    # User code may fork (multiprocessing), and its child would keep the socket open.
    os.register_at_fork(after_in_child=server.forked)
    known = {name: parameters(function) for name, function in functions.items()}
    hello = {"python": sys.version.split()[0], "functions": known}
    sock.sendall(pack(READY, 0, json.dumps(hello).encode()))
    server.run()


if __name__ == "__main__":
    main(int(sys.argv[2]), int(sys.argv[3]))

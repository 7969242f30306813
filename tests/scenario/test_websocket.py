"""Test websocket steps with a real server: each action is one sample, and its checks count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import WSMsgType, web
from boomtalk.engine import ArrivalRate, Load, Outcome, Ramp, RunSettings, load_cases
from boomtalk.engine.load.run import Run
from boomtalk.engine.stop import Stop

from tests.support.cut import cut_after
from tests.support.websocket_server import serving

from .bench import Bench, assert_balanced, errors_of, rows_of

_ENDS = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED})


@dataclass
class Chat:
    """Echoes messages; remembers the headers of each handshake, and how each connection ended."""

    headers: list[dict[str, str]] = field(default_factory=list)
    closed: list[int | None] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    pings: list[bytes] = field(default_factory=list)
    opened: int = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.opened += 1
        self.headers.append(dict(request.headers))
        socket = web.WebSocketResponse(autoping=False)
        socket.headers["X-Room"] = "one"
        await socket.prepare(request)
        while (message := await socket.receive()).type not in _ENDS:
            if message.type is WSMsgType.PING:
                self.pings.append(message.data)
            elif message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
            else:
                await self.answer(socket, message.data)
        self.closed.append(socket.close_code)
        self.reasons.append(message.extra or "")
        return socket

    async def answer(self, socket: web.WebSocketResponse, text: str) -> None:
        match text:
            case "quiet":
                pass
            case "bye":
                await socket.close(code=4000, message=b"closing time")
            case "broken":
                await socket.send_frame(b"caf\xe9", WSMsgType.TEXT)
            case "feed":
                for number in range(300):
                    await socket.send_str(f"{number:1000}")
            case "much":
                await socket.send_str("x" * 1_000_000)
            case _:
                await socket.send_str(text)


def chat(bench: Bench, case: str, load: Load | None = None) -> tuple[Outcome, Chat]:
    """Load-test the case with the chat as target; `$URL` in it is replaced by the chat's URL."""

    async def main() -> tuple[Outcome, Chat]:
        room = Chat()
        play: Callable[..., tuple[Outcome, object]] = bench.load
        async with serving(room.serve) as port:
            text = case.replace("$URL", f"ws://127.0.0.1:{port}")
            outcome, _ = await asyncio.to_thread(play, text, None, load or Load(iterations=1))
        return outcome, room

    return asyncio.run(main())


STEPS = """
config: {name: c, base_url: $URL, headers: {X-Token: t0ken}}
teststeps:
  - name: open
    websocket: {type: open, url: /ws}
    extract: {room: headers.X-Room}
    validate: [{eq: [status_code, 101]}]
  - {name: ping, websocket: {type: ping, url: /ws}}
  - {name: write, websocket: {type: w, url: /ws, text: {room: $room}}}
  - name: read
    websocket: {type: r, url: /ws}
    validate: [{eq: [body.room, one]}]
  - name: both
    websocket: {type: wr, url: /ws, binary: "raw"}
    validate: [{eq: [body, raw]}]
  - name: close
    websocket: {type: close, url: /ws, close_status: 1001}
    validate: [{eq: [status_code, 1000]}]
"""


def test_each_action_is_one_sample_of_a_row_of_its_own(bench: Bench) -> None:
    outcome, room = chat(bench, STEPS)
    assert errors_of(outcome) == []
    types = [(step.name, step.type, step.ok) for step in outcome.snapshot.steps]
    assert types == [
        ("open", "websocket-open", 1),
        ("ping", "websocket-ping", 1),
        ("write", "websocket-w", 1),
        ("read", "websocket-r", 1),
        ("both", "websocket-wr", 1),
        ("close", "websocket-close", 1),
    ]
    assert all(step.latency.count == 1 for step in outcome.snapshot.steps)
    assert room.headers[0]["X-Token"] == "t0ken"
    assert room.closed == [1001]
    assert outcome.wire.requests == 1


def test_a_connection_lives_for_one_iteration(bench: Bench) -> None:
    outcome, room = chat(
        bench,
        """
        config: {name: c, base_url: $URL}
        teststeps:
          - {name: open, websocket: {type: open, url: /ws}}
          - {name: again, websocket: {type: open, url: /ws}}
          - {name: talk, websocket: {type: wr, url: /ws, text: hi}}
        """,
        Load(Ramp(2), iterations=6),
    )
    assert (room.opened, len(room.closed)) == (6, 6)
    # Opening an open connection does nothing, so it gives no sample.
    assert rows_of(outcome)["again"] == (0, 0, 0, 0)
    assert rows_of(outcome)["talk"] == (6, 6, 0, 0)
    assert_balanced(outcome)


TALK = """
config: {name: c, base_url: $URL%s}
teststeps:
  - {name: open, websocket: {type: open, url: /ws}}
  - {name: write, websocket: {type: w, url: %s, text: %s}}
  - {name: read, websocket: {type: r, url: /ws, timeout: 200}}
  - name: both
    websocket: {type: wr, url: /ws, text: %s, timeout: 200}
    extract: {said: body}
    validate: [{eq: [body, hi]}, {eq: [$said, hi]}]
"""


@pytest.mark.parametrize(
    ("url", "first", "second"),
    [
        ("/ws", "hi", "hi"),
        ("/ws", "hi", "café"),
        ("/ws", "hi", "quiet"),
        ("/ws", "hi", "bye"),
        ("/ws", "quiet", "hi"),
        ("/ws", "bye", "hi"),
        ("/ws", "broken", "hi"),
        ("/ws", "feed", "hi"),
        ("/ws", "much", "hi"),
        ("/other", "hi", "hi"),
    ],
)
def test_a_message_that_never_changes_counts_like_one_that_could(
    bench: Bench, url: str, first: str, second: str
) -> None:
    """Constant messages take a shorter way through the engine."""
    variables = f", variables: {{url: {url}, first: {first}, second: {second}}}"
    short, _ = chat(bench, TALK % ("", url, first, second))
    long, _ = chat(bench, TALK % (variables, "$url", "$first", "$second"))

    assert errors_of(short) == errors_of(long)
    assert rows_of(short) == rows_of(long)
    assert short.snapshot.iterations.failed == long.snapshot.iterations.failed
    ours, theirs = short.wire, long.wire
    if "broken" in (first, second):  # what the server says next may come before we hang up
        ours, theirs = replace(ours, bytes_in=0), replace(theirs, bytes_in=0)
    assert ours == theirs
    assert [step.latency.count for step in short.snapshot.steps] == [
        step.latency.count for step in long.snapshot.steps
    ]


def test_a_check_that_does_not_hold_fails_the_step(bench: Bench) -> None:
    outcome, _ = chat(
        bench,
        """
        config: {name: c, base_url: $URL}
        teststeps:
          - {name: open, websocket: {type: open, url: /ws}}
          - name: talk
            websocket: {type: wr, url: /ws, text: hi}
            validate: [{eq: [body, ho]}]
          - {name: never, websocket: {type: ping, url: /ws}}
        """,
    )
    assert errors_of(outcome) == [("check", "talk", 1)]
    assert rows_of(outcome)["talk"] == (1, 0, 1, 0)
    assert rows_of(outcome)["never"] == (0, 0, 0, 0)
    assert_balanced(outcome)


def test_an_action_without_a_connection_is_not_issued(bench: Bench) -> None:
    outcome, _ = chat(
        bench,
        """
        config: {name: c, base_url: $URL}
        teststeps: [{name: talk, websocket: {type: w, url: /ws, text: hi}}]
        """,
    )
    assert rows_of(outcome) == {"talk": (0, 0, 0, 1)}
    assert outcome.snapshot.errors[0].detail == "not_open"


def test_silence_is_a_timeout_and_a_closed_connection_is_told(bench: Bench) -> None:
    for text, kind in (("quiet", ("timeout", "read")), ("bye", ("websocket", "closed"))):
        outcome, _ = chat(
            bench,
            f"""
            config: {{name: c, base_url: $URL}}
            teststeps:
              - {{name: open, websocket: {{type: open, url: /ws}}}}
              - {{name: talk, websocket: {{type: wr, url: /ws, text: {text}, timeout: 300}}}}
            """,
        )
        (error,) = outcome.snapshot.errors
        assert (error.kind, error.detail, error.step) == (*kind, "talk")
        assert_balanced(outcome)


def test_a_refused_handshake_and_a_dead_server_are_failures_of_the_opening(bench: Bench) -> None:
    outcome, _ = chat(
        bench,
        """
        config: {name: c, base_url: $URL}
        teststeps: [{name: open, websocket: {type: open, url: /nowhere}}]
        """,
    )
    assert [(one.kind, one.detail) for one in outcome.snapshot.errors] == [
        ("websocket", "handshake")
    ]
    outcome, _ = chat(
        bench,
        """
        config: {name: c}
        teststeps: [{name: open, websocket: {type: open, url: "ws://127.0.0.1:1/"}}]
        """,
    )
    assert [(one.kind, one.detail) for one in outcome.snapshot.errors] == [("connect", "refused")]


def test_what_is_not_read_yet_waits(bench: Bench) -> None:
    """A large answer, many small ones, a pause, steps that end without a close."""
    outcome, _ = chat(
        bench,
        """
        config: {name: c, base_url: $URL}
        teststeps:
          - {name: open, websocket: {type: open, url: /ws}}
          - {name: large, loops: 3, websocket: {type: wr, url: /ws, text: much},
             validate: [{length_equals: [body, 1000000]}]}
          - {name: subscribe, websocket: {type: w, url: /ws, text: feed}}
          - {name: think, think_time: 0.05}
          - {name: read, loops: 5, websocket: {type: r, url: /ws}}
          - {name: last of them, websocket: {type: r, url: /ws}, validate: [{eq: [body, 5]}]}
        """,
        Load(Ramp(2), iterations=4),
    )
    assert errors_of(outcome) == []
    assert rows_of(outcome)["read"] == (20, 20, 0, 0)
    assert_balanced(outcome)


def test_a_ping_and_a_goodbye_carry_their_text(bench: Bench) -> None:
    outcome, room = chat(
        bench,
        """
        config: {name: c, base_url: $URL, variables: {who: amy}}
        teststeps:
          - {name: open, websocket: {type: open, url: /ws}}
          - {name: ping, websocket: {type: ping, url: /ws, text: hello $who}}
          - {name: raw, websocket: {type: ping, url: /ws, binary: raw}}
          - {name: bare, websocket: {type: ping, url: /ws}}
          - {name: close, websocket: {type: close, url: /ws, close_status: 4001, text: bye}}
        """,
    )
    assert errors_of(outcome) == []
    assert room.pings == [b"hello amy", b"raw", b""]
    assert (room.closed, room.reasons) == ([4001], ["bye"])


def test_the_reason_of_a_goodbye_is_the_body(bench: Bench) -> None:
    outcome, _ = chat(
        bench,
        """
        config: {name: c, base_url: $URL}
        teststeps:
          - {name: open, websocket: {type: open, url: /ws}}
          - {name: ask, websocket: {type: w, url: /ws, text: bye}}
          - name: close
            websocket: {type: close, url: /ws}
            validate: [{eq: [status_code, 4000]}, {eq: [body, closing time]}]
        """,
    )
    assert errors_of(outcome) == []


def test_a_control_frame_that_is_too_long_is_not_issued(bench: Bench) -> None:
    for action, length in (("ping", 126), ("close", 124)):
        outcome, _ = chat(
            bench,
            f"""
            config: {{name: c, base_url: $URL}}
            teststeps:
              - {{name: open, websocket: {{type: open, url: /ws}}}}
              - {{name: long, websocket: {{type: {action}, url: /ws, text: {"x" * length}}}}}
            """,
        )
        assert rows_of(outcome)["long"] == (0, 0, 0, 1)
        assert [(one.kind, one.detail) for one in outcome.snapshot.errors] == [
            ("template", "frame")
        ]


def test_a_text_that_is_not_utf8_fails_the_step_that_reads_it(bench: Bench) -> None:
    outcome, room = chat(
        bench,
        """
        config: {name: c, base_url: $URL}
        teststeps:
          - {name: open, websocket: {type: open, url: /ws}}
          - {name: ask, websocket: {type: wr, url: /ws, text: broken}}
        """,
    )
    (error,) = outcome.snapshot.errors
    assert (error.kind, error.detail, error.step) == ("websocket", "protocol", "ask")
    assert room.closed == [1007]


KEPT = """
config: {name: c, base_url: $URL}
teststeps:
  - {name: open, once: user, websocket: {type: open, url: /ws}}
  - {name: hello, once: user, websocket: {type: wr, url: /ws, text: hello}}
  - {name: talk, websocket: {type: wr, url: /ws, text: hi}}
"""


@pytest.mark.parametrize(
    "load",
    [Load(Ramp(2), loops=3), Load(ArrivalRate(100.0, max_users=1), duration=0.2)],
    ids=["closed", "open"],
)
def test_a_connection_opened_once_lives_as_long_as_its_user(bench: Bench, load: Load) -> None:
    outcome, room = chat(bench, KEPT, load)

    users = load.users
    assert errors_of(outcome) == []
    assert (room.opened, room.closed) == (users, [1000] * users)
    assert rows_of(outcome)["hello"] == (users, users, 0, 0)
    assert rows_of(outcome)["talk"][1] == outcome.snapshot.iterations.completed >= 3
    assert_balanced(outcome)


def test_a_connection_that_the_server_closed_is_opened_again_with_what_followed(
    bench: Bench,
) -> None:
    case = KEPT.replace("text: hi}", "text: bye}")
    outcome, room = chat(bench, case, Load(Ramp(1), loops=3))

    assert room.opened == 3
    assert rows_of(outcome)["open"] == rows_of(outcome)["hello"] == (3, 3, 0, 0)
    assert_balanced(outcome)


@pytest.mark.parametrize("limits", [{}, {"max_requests": 1e6}])
def test_messages_that_are_cut_in_any_turn_are_each_counted_once(
    bench: Bench, limits: dict[str, float]
) -> None:
    words = "".join(
        f"  - {{name: {word}, websocket: {{type: wr, url: /ws, text: {word}}}}}\n"
        for word in ("one", "two", "three")
    )
    opening = "  - {name: open, websocket: {type: open, url: /ws}}\n"
    path = bench.write("case.yml", f"config: {{name: c}}\nteststeps:\n{opening}{words}")
    cases = load_cases([path]).cases

    async def cut(turns: int) -> Outcome:
        async with serving(Chat().serve) as port:
            stop, load = Stop(), Load(Ramp(3), graceful_stop=0.0, **limits)
            run = Run(cases, load, RunSettings(base_url=f"ws://127.0.0.1:{port}"), stop=stop)
            await run.prepare()
            return await cut_after(turns, run, stop)

    for turns in range(20, 120, 2):
        snapshot = asyncio.run(cut(turns)).snapshot
        counts, iterations = snapshot.accounting, snapshot.iterations
        assert counts.issued == counts.ok + counts.cancelled, turns
        assert snapshot.errors == (), turns
        assert iterations.started == iterations.completed + iterations.interrupted, turns

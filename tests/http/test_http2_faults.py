"""Test what servers of HTTP/2 do wrong, or in an unusual order, frame by frame."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.agent import Agent
from boomtalk.engine.http.http2_frames import Code
from boomtalk.engine.http.multipart import FilePart, Multipart
from boomtalk.engine.http.network import Network
from boomtalk.engine.http.options import HttpOptions
from boomtalk.engine.http.request import Request
from boomtalk.engine.http.response import Response
from hyperframe import frame as frames
from yarl import URL

from .http2_server import OK, Raw, RawServer, Script, listening, server_context

Story = Callable[["User"], Awaitable[None]]


class User:
    """One user of a server that plays a script."""

    def __init__(self, server: RawServer, network: Network) -> None:
        self.server, self.network = server, network
        self.agent = Agent(network)

    async def get(self, **options: object) -> Response:
        return await self.ask("GET", **options)

    async def ask(self, method: str, **options: object) -> Response:
        options = {"http2": "demanded", **options}
        request = Request(method, URL(self.server.url + "/"), **options)  # type: ignore[arg-type]
        return await self.agent.send(request)

    async def fails(self, **options: object) -> tuple[str, str]:
        with pytest.raises(StepFailed) as failed:
            await self.ask(str(options.pop("method", "GET")), **options)
        return failed.value.kind, failed.value.detail

    @property
    def seen(self) -> list[frames.Frame]:
        """The frames that came on the last connection."""
        return self.server.connections[-1].seen


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def play(ca: trustme.CA, tmp_path: Path) -> Callable[..., None]:
    """Let one user meet a server that plays the script on each connection."""
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    def tell(script: Script, story: Story, **options: object) -> None:
        async def main() -> None:
            server = RawServer(script)
            http = HttpOptions(**{"timeout": 10, "cacert": tmp_path / "ca.pem", **options})  # type: ignore[arg-type]
            async with listening(server.serve, server_context(ca, "h2")) as server.url:
                network = Network(http)
                user = User(server, network)
                try:
                    await story(user)
                finally:
                    user.agent.close()
                    await network.close()
            assert server.faults == []

        asyncio.run(main())

    return tell


def goaway(last: int, code: int = 0, text: bytes = b"") -> frames.Frame:
    return frames.GoAwayFrame(0, last_stream_id=last, error_code=code, additional_data=text)


def after_start(*answers: Callable[[Raw, int], list[frames.Frame]]) -> Script:
    """Answer one request after the other; each answer gets the connection and the stream."""

    async def script(raw: Raw) -> None:
        await raw.start()
        for answer in answers:
            stream = await raw.request()
            raw.send(*answer(raw, stream))

    return script


def ok(raw: Raw, stream: int) -> list[frames.Frame]:
    return raw.ok(stream)


# ---- GOAWAY


def test_an_answer_after_goaway_is_taken_and_the_next_request_goes_elsewhere(
    play: Callable[..., None],
) -> None:
    def says_goodbye(raw: Raw, stream: int) -> list[frames.Frame]:
        return [goaway(stream), *raw.ok(stream)]

    async def story(user: User) -> None:
        for _ in range(3):
            assert (await user.get()).content == b"ok"
        assert len(user.server.connections) == user.network.wire.connections_opened == 3
        assert user.network.wire.requests == 3

    play(after_start(says_goodbye), story)


def test_goaway_between_two_requests_costs_none(play: Callable[..., None]) -> None:
    def says_goodbye(raw: Raw, stream: int) -> list[frames.Frame]:
        return [*raw.ok(stream), goaway(2**31 - 1), goaway(stream)]

    async def story(user: User) -> None:
        for _ in range(3):
            assert (await user.get()).content == b"ok"
        assert len(user.server.connections) == 3

    play(after_start(says_goodbye), story)


def test_a_request_that_crosses_an_orderly_goaway_goes_to_a_new_connection(
    play: Callable[..., None],
) -> None:
    async def script(raw: Raw) -> None:
        await raw.start()
        stream = await raw.request()
        raw.send(*raw.ok(stream))
        await raw.request()  # it was on its way already
        raw.send(goaway(stream))

    async def story(user: User) -> None:
        assert (await user.get()).content == b"ok"
        assert (await user.ask("POST", body=b"abc")).content == b"ok"
        assert len(user.server.connections) == 2
        # The server counts a request that it took, and no other.
        assert user.network.wire.requests == 2

    play(script, story)


def test_connections_that_take_nothing_are_a_failure(play: Callable[..., None]) -> None:
    def refuses(_raw: Raw, _stream: int) -> list[frames.Frame]:
        return [goaway(0)]

    async def story(user: User) -> None:
        assert await user.fails() == ("disconnected", "goaway")
        assert len(user.server.connections) == 2
        assert user.network.wire.requests == 0

    play(after_start(refuses), story)


def test_goaway_with_an_error_names_it(play: Callable[..., None]) -> None:
    def complains(_raw: Raw, stream: int) -> list[frames.Frame]:
        return [goaway(stream - 2 if stream > 2 else 0, 11, b"too_many_pings")]

    async def story(user: User) -> None:
        with pytest.raises(StepFailed) as failed:
            await user.get()
        assert (failed.value.kind, failed.value.detail) == ("disconnected", "goaway")
        assert "ENHANCE_YOUR_CALM 'too_many_pings'" in failed.value.message

    play(after_start(complains), story)


@pytest.mark.parametrize("waits", [True, False])
def test_a_server_that_leaves_in_order_before_it_took_a_request_costs_none(
    play: Callable[..., None], waits: bool
) -> None:
    left = 1

    async def script(raw: Raw) -> None:
        nonlocal left
        await raw.start()
        if left:
            left -= 1
            if waits:
                await raw.request()
            raw.send(goaway(0))
        else:
            raw.send(*raw.ok(await raw.request()))

    async def story(user: User) -> None:
        assert (await user.get()).content == b"ok"
        assert len(user.server.connections) == user.network.wire.connections_opened == 2
        assert user.network.wire.requests == 1

    play(script, story)


def test_a_server_that_leaves_in_order_again_and_again_is_a_failure(
    play: Callable[..., None],
) -> None:
    async def script(raw: Raw) -> None:
        await raw.start()
        raw.send(goaway(0))

    async def story(user: User) -> None:
        assert await user.fails() == ("disconnected", "goaway")
        assert len(user.server.connections) == 2
        assert user.network.wire.requests == 0

    play(script, story)


def test_goaway_at_the_start_is_a_failure(play: Callable[..., None]) -> None:
    async def script(raw: Raw) -> None:
        await raw.start()
        raw.send(goaway(0, 12))

    async def story(user: User) -> None:
        assert await user.fails() == ("disconnected", "goaway")
        assert user.network.wire.requests == 0

    play(script, story)


# ---- streams that end early


@pytest.mark.parametrize(
    ("code", "name"), [(7, "refused_stream"), (2, "internal_error"), (99, "error 0x63")]
)
def test_a_reset_is_a_failure_and_the_connection_stays(
    code: int, name: str, play: Callable[..., None]
) -> None:
    def resets(_raw: Raw, stream: int) -> list[frames.Frame]:
        return [frames.RstStreamFrame(stream, error_code=code)]

    async def story(user: User) -> None:
        assert await user.fails() == ("disconnected", name)
        assert (await user.get()).content == b"ok"
        assert len(user.server.connections) == 1

    play(after_start(resets, ok), story)


def test_a_reset_within_the_body_truncates_it(play: Callable[..., None]) -> None:
    def resets(raw: Raw, stream: int) -> list[frames.Frame]:
        part = raw.data(stream, b"o")
        return [raw.headers(stream, OK), part, frames.RstStreamFrame(stream, error_code=2)]

    async def story(user: User) -> None:
        with pytest.raises(StepFailed, match="INTERNAL_ERROR, after 1 bytes of the body") as failed:
            await user.get()
        assert (failed.value.kind, failed.value.detail) == ("truncated", "internal_error")
        assert (await user.get()).content == b"ok"

    play(after_start(resets, ok), story)


@pytest.mark.parametrize(("answers", "kind"), [(False, "disconnected"), (True, "truncated")])
def test_a_lost_connection_is_a_failure(
    answers: bool, kind: str, play: Callable[..., None]
) -> None:
    async def script(raw: Raw) -> None:
        await raw.start()
        stream = await raw.request()
        if answers:
            raw.send(raw.headers(stream, OK))
        await raw.writer.drain()
        raw.writer.close()

    async def story(user: User) -> None:
        assert await user.fails() == (kind, "closed")
        assert await user.fails() == (kind, "closed")
        assert len(user.server.connections) == 2

    play(script, story)


def test_an_early_answer_ends_the_upload(play: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(b"x" * 300_000)

    async def script(raw: Raw) -> None:
        await raw.start()
        stream = await raw.request()
        raw.send(raw.headers(stream, [(b":status", b"413")], "END_STREAM"))
        raw.send(frames.RstStreamFrame(stream, error_code=0))
        stream = await raw.request()
        raw.send(*raw.ok(stream))

    async def story(user: User) -> None:
        form = Multipart([FilePart("f", tmp_path / "big.bin")])
        assert (await user.ask("POST", form=form)).status == 413
        assert (await user.get()).content == b"ok"
        reset = [one for one in user.seen if isinstance(one, frames.RstStreamFrame)]
        assert [one.error_code for one in reset] == [8]
        sent = sum(len(one.data) for one in user.seen if isinstance(one, frames.DataFrame))
        assert sent <= 65_535

    play(script, story)


# ---- timeouts


def test_a_timeout_resets_the_stream_of_a_server_that_lives(play: Callable[..., None]) -> None:
    async def script(raw: Raw) -> None:
        await raw.start()
        raw.send(*raw.ok(await raw.request()))
        stream = await raw.request()
        raw.send(raw.headers(stream, OK))
        late = await raw.frame_of(frames.RstStreamFrame)
        assert (late.stream_id, late.error_code) == (stream, 8)
        raw.send(raw.data(stream, b"ok", "END_STREAM"))  # it crosses the reset
        raw.send(*raw.ok(await raw.request()))

    async def story(user: User) -> None:
        assert (await user.get()).content == b"ok"
        assert await user.fails(timeout=0.2) == ("timeout", "total")
        assert (await user.get()).content == b"ok"
        assert len(user.server.connections) == 1

    play(script, story)


def test_a_timeout_closes_the_connection_to_a_silent_server(play: Callable[..., None]) -> None:
    async def story(user: User) -> None:
        assert (await user.get()).content == b"ok"
        assert await user.fails(timeout=0.2) == ("timeout", "total")
        assert (await user.get()).content == b"ok"
        assert len(user.server.connections) == 2

    play(after_start(ok), story)


def test_a_server_that_never_sends_its_settings_is_a_timeout(play: Callable[..., None]) -> None:
    async def script(raw: Raw) -> None:
        await raw.rest()

    async def story(user: User) -> None:
        assert await user.fails(timeout=0.2) == ("timeout", "connect")
        assert user.network.wire.requests == 0

    play(script, story)


def test_an_upload_that_the_server_does_not_take_is_a_timeout(
    play: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "big.bin").write_bytes(b"x" * 300_000)

    async def story(user: User) -> None:
        form = Multipart([FilePart("f", tmp_path / "big.bin")])
        assert (await user.get()).content == b"ok"
        assert await user.fails(method="POST", form=form, timeout=0.3) == ("timeout", "total")
        assert (await user.get()).content == b"ok"

    play(after_start(ok), story)


# ---- settings, pings, windows


def test_no_stream_allowed_means_waiting(play: Callable[..., None]) -> None:
    async def script(raw: Raw) -> None:
        await raw.start({frames.SettingsFrame.MAX_CONCURRENT_STREAMS: 0})
        raw.send(frames.PingFrame(0, opaque_data=b"12345678"))
        await raw.frame_of(frames.PingFrame)
        assert not [one for one in raw.seen if isinstance(one, frames.HeadersFrame)]
        raw.send(frames.SettingsFrame(0, settings={frames.SettingsFrame.MAX_CONCURRENT_STREAMS: 1}))
        raw.send(*raw.ok(await raw.request()))

    async def story(user: User) -> None:
        assert (await user.get()).content == b"ok"

    play(script, story)


def test_no_stream_allowed_for_ever_is_a_timeout(play: Callable[..., None]) -> None:
    none = frames.SettingsFrame(0, settings={frames.SettingsFrame.MAX_CONCURRENT_STREAMS: 0})

    def allows_no_more(raw: Raw, stream: int) -> list[frames.Frame]:
        return [none, *raw.ok(stream)]

    async def story(user: User) -> None:
        assert (await user.get()).content == b"ok"
        assert await user.fails(timeout=0.2) == ("timeout", "total")
        assert user.network.wire.requests == 1

    play(after_start(allows_no_more), story)


def test_a_small_window_and_a_change_of_it_hold_the_body_back(play: Callable[..., None]) -> None:
    name = frames.SettingsFrame.INITIAL_WINDOW_SIZE

    async def script(raw: Raw) -> None:
        await raw.start({name: 10})
        stream = await raw.request()
        assert len((await raw.frame_of(frames.DataFrame)).data) == 10
        raw.send(frames.SettingsFrame(0, settings={name: 5}))  # 5 too many were sent
        raw.send(frames.WindowUpdateFrame(stream, window_increment=7))
        assert len((await raw.frame_of(frames.DataFrame)).data) == 2
        raw.send(frames.SettingsFrame(0, settings={name: 1_000}))
        last = await raw.frame_of(frames.DataFrame)
        assert (len(last.data), "END_STREAM" in last.flags) == (88, True)
        raw.send(*raw.ok(stream))

    async def story(user: User) -> None:
        assert (await user.ask("POST", body=b"x" * 100)).content == b"ok"

    play(script, story)


def test_larger_frames_are_used_if_the_server_takes_them(play: Callable[..., None]) -> None:
    async def script(raw: Raw) -> None:
        name = frames.SettingsFrame.MAX_FRAME_SIZE
        await raw.start({name: 60_000})
        stream = await raw.request()
        assert len((await raw.frame_of(frames.DataFrame)).data) == 50_000
        raw.send(*raw.ok(stream))

    async def story(user: User) -> None:
        assert (await user.ask("POST", body=b"x" * 50_000)).content == b"ok"

    play(script, story)


@pytest.mark.parametrize("size", [0, 100, 100_000])
def test_the_table_is_no_larger_than_the_server_allows(
    size: int, play: Callable[..., None]
) -> None:
    async def script(raw: Raw) -> None:
        await raw.start({frames.SettingsFrame.HEADER_TABLE_SIZE: size})
        for number in range(4):
            stream = await raw.request()
            assert (b"x-number", b"%d" % (number // 2)) in raw.fields
            raw.send(*raw.ok(stream))

    async def story(user: User) -> None:
        for number in range(4):
            await user.get(headers=[("X-Number", str(number // 2))])

    play(script, story)


def test_long_headers_take_several_frames_both_ways(play: Callable[..., None]) -> None:
    async def script(raw: Raw) -> None:
        await raw.start()
        head = await raw.frame_of(frames.HeadersFrame)
        block = head.data
        while "END_HEADERS" not in raw.seen[-1].flags:
            block += (await raw.frame_of(frames.ContinuationFrame)).data
        assert len(block) > 16_384
        answer = raw.headers(1, [*OK, (b"x-long", b"~" * 30_000)])
        data, answer.data = answer.data, answer.data[:100]
        answer.flags.discard("END_HEADERS")
        more = frames.ContinuationFrame(1, data[100:])
        more.flags.add("END_HEADERS")
        raw.send(answer, more, raw.data(1, b"ok", "END_STREAM"))

    async def story(user: User) -> None:
        response = await user.get(headers=[("X-Long", "\x7f" * 30_000)])
        assert len(response.headers["X-Long"]) == 30_000

    play(script, story)


def test_pings_are_answered_and_unknown_frames_ignored(play: Callable[..., None]) -> None:
    async def script(raw: Raw) -> None:
        await raw.start({99: 1})
        stream = await raw.request()
        raw.send(frames.PingFrame(0, opaque_data=b"12345678"))
        answer = await raw.frame_of(frames.PingFrame)
        assert (answer.opaque_data, "ACK" in answer.flags) == (b"12345678", True)
        raw.writer.write(b"\0\0\3\xee\0\0\0\0\1abc")
        raw.send(frames.PriorityFrame(stream, depends_on=0, stream_weight=1, exclusive=False))
        padded = frames.DataFrame(stream, b"ok", pad_length=100)
        padded.flags |= {"PADDED", "END_STREAM"}
        raw.send(raw.headers(stream, OK), padded)

    async def story(user: User) -> None:
        assert (await user.get()).content == b"ok"

    play(script, story)


# ---- malformed responses: the stream fails, and the connection stays

MALFORMED: dict[str, list[list[tuple[bytes, bytes]]]] = {
    "no status": [[(b"x", b"1")]],
    "two statuses": [[(b":status", b"200"), (b":status", b"200")]],
    "a status that is not one": [[(b":status", b"20")]],
    "a status of letters": [[(b":status", b"abc")]],
    "a status below 100": [[(b":status", b"099")]],
    "a switch of protocols": [[(b":status", b"101")]],
    "a pseudo-header of requests": [[(b":status", b"200"), (b":path", b"/")]],
    "a name in capitals": [[(b":status", b"200"), (b"X-Name", b"1")]],
    "a header of the connection": [[(b":status", b"200"), (b"connection", b"close")]],
    "a line break": [[(b":status", b"200"), (b"x", b"a\nb")]],
    "a length that is not one": [[(b":status", b"200"), (b"content-length", b"-1")]],
    "two lengths": [[*OK, (b"content-length", b"3")]],
    "a second head": [OK, OK],
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_head_fails_its_stream_only(name: str, play: Callable[..., None]) -> None:
    def answers(raw: Raw, stream: int) -> list[frames.Frame]:
        return [raw.headers(stream, pairs) for pairs in MALFORMED[name]]

    async def story(user: User) -> None:
        assert await user.fails() == ("bad_http", "")
        assert (await user.get()).content == b"ok"
        reset = [one for one in user.seen if isinstance(one, frames.RstStreamFrame)]
        assert [one.error_code for one in reset] == [1]

    play(after_start(answers, ok), story)


BODIES: dict[str, tuple[list[tuple[bytes, bytes]], bytes, tuple[str, str]]] = {
    "shorter than its length": (OK, b"o", ("truncated", "length")),
    "longer than its length": (OK, b"okay", ("bad_http", "")),
    "after a 204": ([(b":status", b"204")], b"ok", ("bad_http", "")),
    "not what its encoding says": (
        [(b":status", b"200"), (b"content-encoding", b"gzip")],
        b"no gzip",
        ("decode", ""),
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_wrong_body_fails_its_stream_only(name: str, play: Callable[..., None]) -> None:
    pairs, body, failure = BODIES[name]

    def answers(raw: Raw, stream: int) -> list[frames.Frame]:
        return [raw.headers(stream, pairs), raw.data(stream, body, "END_STREAM")]

    async def story(user: User) -> None:
        assert await user.fails() == failure
        assert (await user.get()).content == b"ok"

    play(after_start(answers, ok), story)


def test_a_body_before_its_head_fails_its_stream_only(play: Callable[..., None]) -> None:
    def answers(raw: Raw, stream: int) -> list[frames.Frame]:
        return [raw.data(stream, b"ok", "END_STREAM")]

    async def story(user: User) -> None:
        assert await user.fails() == ("bad_http", "")
        assert (await user.get()).content == b"ok"

    play(after_start(answers, ok), story)


# ---- a broken protocol: the connection ends with a GOAWAY that says why


def bytes_of(type_: int, flags: int, stream: int, payload: bytes) -> bytes:
    return (
        len(payload).to_bytes(3, "big")
        + bytes([type_, flags])
        + stream.to_bytes(4, "big")
        + payload
    )


BROKEN: dict[str, tuple[bytes, int]] = {
    "a push": (bytes_of(5, 4, 1, b"\0\0\0\2\x82"), 1),
    "a stream of the server": (bytes_of(1, 4, 2, b"\x88"), 1),
    "a stream that nobody opened": (bytes_of(0, 0, 99, b"x"), 1),
    "a reset of a stream that nobody opened": (bytes_of(3, 0, 99, b"\0\0\0\1"), 1),
    "a frame that is too long": (b"\xff\xff\xff\0\0\0\0\0\1", 6),
    "a ping of 7 bytes": (bytes_of(6, 0, 0, b"1234567"), 6),
    "settings of 5 bytes": (bytes_of(4, 0, 0, b"12345"), 6),
    "settings of a stream": (bytes_of(4, 0, 1, b""), 1),
    "a window that is too large": (bytes_of(8, 0, 0, b"\x7f\xff\xff\xff"), 3),
    "a first window that is too large": (bytes_of(4, 0, 0, b"\0\4\xff\xff\xff\xff"), 3),
    "frames that are too small": (bytes_of(4, 0, 0, b"\0\5\0\0\0\1"), 1),
    "a wish for pushes": (bytes_of(4, 0, 0, b"\0\2\0\0\0\1"), 1),
    "a window that is not widened": (bytes_of(8, 0, 0, b"\0\0\0\0"), 1),
    "a block that cannot be decoded": (bytes_of(1, 4, 1, b"\xff\xff\xff\xff\xff\xff\xff"), 9),
    "an unknown field of the table": (bytes_of(1, 4, 1, b"\xfe"), 9),
    "a block that ends early": (bytes_of(1, 4, 1, b"\x40\x0aabc"), 9),
    "more padding than payload": (bytes_of(0, 8, 1, b"\5ab"), 1),
    "padding without a length": (bytes_of(0, 8, 1, b""), 6),
    "a block in pieces with another frame between": (
        bytes_of(1, 0, 1, b"\x88") + bytes_of(6, 0, 0, b"12345678"),
        1,
    ),
    "a continuation of nothing": (bytes_of(9, 4, 1, b"\x88"), 1),
    "a continuation of another stream": (
        bytes_of(1, 0, 1, b"\x88") + bytes_of(9, 4, 3, b"\x88"),
        1,
    ),
    "a goaway of 3 bytes": (bytes_of(7, 0, 0, b"abc"), 6),
    "HTTP/1.1": (b"HTTP/1.1 400 Bad Request\r\n\r\n", 6),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_protocol_fails_the_request_and_ends_the_connection(
    name: str, play: Callable[..., None]
) -> None:
    data, code = BROKEN[name]

    async def script(raw: Raw) -> None:
        await raw.start()
        await raw.request()
        raw.writer.write(data)

    async def story(user: User) -> None:
        for number in (1, 2):
            kind, detail = await user.fails()
            assert kind == "bad_http"
            assert len(user.server.connections) == number
        await user.server.ended()
        goodbye = user.seen[-1]
        assert isinstance(goodbye, frames.GoAwayFrame)
        assert (goodbye.error_code, detail) == (code, Code(code).name.lower())

    play(script, story)


FLOODS: dict[str, bytes] = {
    "pings": bytes_of(6, 0, 0, b"12345678"),
    "settings": bytes_of(4, 0, 0, b""),
    "empty data": bytes_of(0, 0, 1, b""),
    "interim responses": bytes_of(1, 4, 1, b"\x08\x03103"),
    "continuations": bytes_of(9, 0, 1, b"\x40\x01a\x7f\x00" * 100),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_without_a_use_ends(name: str, play: Callable[..., None]) -> None:
    async def script(raw: Raw) -> None:
        await raw.start()
        await raw.request()
        if name == "continuations":
            raw.writer.write(bytes_of(1, 0, 1, b"\x88"))
        if name == "empty data":
            raw.send(raw.headers(1, [(b":status", b"200")]))
        while True:
            raw.writer.write(FLOODS[name] * 1_000)
            await raw.writer.drain()

    async def story(user: User) -> None:
        kind, _ = await user.fails()
        assert kind == "bad_http"

    play(script, story)


def test_a_wrong_start_is_a_failure(play: Callable[..., None]) -> None:
    async def script(raw: Raw) -> None:
        raw.send(frames.PingFrame(0, opaque_data=b"12345678"))

    async def story(user: User) -> None:
        assert await user.fails() == ("bad_http", "protocol_error")
        assert user.network.wire.requests == 0

    play(script, story)


def test_a_response_counts_although_garbage_follows_it(play: Callable[..., None]) -> None:
    async def script(raw: Raw) -> None:
        await raw.start()
        stream = await raw.request()
        raw.send(*raw.ok(stream))
        raw.writer.write(b"\xff" * 100)

    async def story(user: User) -> None:
        for _ in range(2):
            assert (await user.get()).content == b"ok"
        assert len(user.server.connections) == 2

    play(script, story)


def test_what_comes_while_nobody_asks_is_answered_or_ends_the_connection(
    play: Callable[..., None],
) -> None:
    async def script(raw: Raw) -> None:
        await raw.start()
        raw.send(*raw.ok(await raw.request()))
        raw.send(frames.PingFrame(0, opaque_data=b"12345678"))
        await raw.frame_of(frames.PingFrame)
        raw.send(raw.headers(1, [(b":status", b"200")], "END_STREAM"))  # of a closed stream
        raw.send(*raw.ok(await raw.request()))

    async def story(user: User) -> None:
        for _ in range(2):
            assert (await user.get()).content == b"ok"
        assert len(user.server.connections) == 1

    play(script, story)

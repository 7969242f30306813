"""Test the bytes of an upload, and which files it may send."""

from __future__ import annotations

import asyncio
import hashlib
import json
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from boomtalk.engine import CaseError, HttpOptions, Outcome

from tests.functional.servers import json_answer
from tests.http.scripted_server import OK, Asked
from tests.scenario.bench import Bench, assert_balanced, errors_of, rows_of

TAKE_AND_SEND = """
config: {name: c}
teststeps:
  - {name: take, request: {method: GET, url: $URL/}, extract: {v: body.v}}
  - {name: send, request: {method: POST, url: $URL/, upload: {f: "%s"}}}
"""
SEND = "config: {name: c}\nteststeps: [{name: send, request: {method: POST, url: $URL/, %s}}]"


def parts(asked: Asked) -> dict[str, Message]:
    """Parse the form with the standard library's own parser of MIME."""
    head = b"Content-Type: " + (asked.header(b"content-type") or b"") + b"\r\n\r\n"
    message = message_from_bytes(head + asked.body)
    assert message.is_multipart()
    payload = message.get_payload()
    assert isinstance(payload, list)
    found = {}
    for part in payload:
        assert isinstance(part, Message)
        found[str(part.get_param("name", header="Content-Disposition"))] = part
    return found


def test_texts_and_files_become_parts_in_the_order_of_the_file(bench: Bench) -> None:
    bench.write("data/one.txt", "content of one")
    bench.write("two.bin", "binary")
    _, server = bench.load(
        SEND
        % """upload: {
            text: plain, number: 7, literal: '"@one"', first: '@data/one.txt;size=9',
            second: '@"two.bin";type=image/png;filename=picture.png', bare: data/one.txt}"""
    )
    (asked,) = server.asked
    found = parts(asked)
    assert list(found) == ["text", "number", "literal", "first", "second", "bare"]
    contents = [part.get_payload(decode=True) for part in found.values()]
    assert contents == [b"plain", b"7", b"@one", b"content of one", b"binary", b"content of one"]
    assert [part.get_filename() for part in found.values()] == [
        None,
        None,
        None,
        "one.txt",
        "picture.png",
        "one.txt",
    ]
    assert found["first"].get_content_type() == "text/plain"
    assert found["second"].get_content_type() == "image/png"
    assert asked.header(b"content-length") == str(len(asked.body)).encode()


# What hrp's multipart_encoder makes of these: a part with a file name is one without a file, too.
OPTIONS = [
    ("value;filename=x.txt", ("value", "x.txt", "text/plain", None)),
    ("filename=x.txt;type=text/csv;a,b", ("a,b", "x.txt", "text/csv", "text/csv")),
    ("{};type=application/json", ("{}", None, "application/json", "application/json")),
    ("x; FileName = $name.txt ;Type=$kind/csv", ("x", "a b.txt", "text/csv", "text/csv")),
    ('x;filename="q.txt"', ("x", "q.txt", "text/plain", None)),
    ("a=b;c=d", ("a=b;c=d", None, "text/plain", None)),
]


@pytest.mark.parametrize(("written", "part"), OPTIONS)
def test_a_text_may_have_a_file_name_and_a_type(
    bench: Bench, written: str, part: tuple[str | None, ...]
) -> None:
    variables = "}, variables: {name: a b, kind: text"
    _, server = bench.load(SEND % f"upload: {{f: '{written}'}}{variables}")
    (found,) = parts(server.asked[0]).values()

    assert (
        found.get_payload(),
        found.get_filename(),
        found.get_content_type(),
        found["Content-Type"],
    ) == part


INJECTED = ["x.txt\r\nX-Evil: 1", 'x" name="other', "a\nb", "\ud800"]


@pytest.mark.parametrize("value", INJECTED)
def test_a_file_name_from_a_response_writes_no_header_of_its_own(bench: Bench, value: str) -> None:
    body = json.dumps({"v": value}).encode()
    outcome, server = bench.load(TAKE_AND_SEND % "x;filename=$v", {b"/": json_answer(body)})

    (found,) = parts(server.asked[1]).values()
    assert found.keys() == ["Content-Disposition"]
    assert found.get_payload() == "x"
    assert rows_of(outcome)["send"] == (1, 1, 0, 0)


@pytest.mark.parametrize("value", ["text/plain\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b"])
def test_a_type_from_a_response_that_would_be_two_headers_fails_the_step(
    bench: Bench, value: str
) -> None:
    body = json.dumps({"v": value}).encode()
    outcome, server = bench.load(TAKE_AND_SEND % "x;type=$v", {b"/": json_answer(body)})

    assert len(server.asked) == 1
    assert errors_of(outcome) == [("template", "send", 1)]


def test_the_low_level_form_of_the_encoder_functions_works_too(bench: Bench) -> None:
    bench.write("one.txt", "content")
    _, server = bench.load(
        """
        config: {name: c}
        teststeps:
          - name: send
            variables:
              m_upload: {file: "@one.txt", who: me}
              m_encoder: "${multipart_encoder($m_upload)}"
            request:
              method: POST
              url: $URL/
              headers: {Content-Type: "${multipart_content_type($m_encoder)}"}
              data: $m_encoder
        """
    )
    found = parts(server.asked[0])
    assert {name: part.get_payload() for name, part in found.items()} == {
        "file": "content",
        "who": "me",
    }


BY_KEYWORDS = """
config: {name: c, base_url: $URL}
teststeps:
  - name: send
    variables: {path: data/note.txt, who: 'amy; type=x', n: 5, form: "%s"}
    request:
      method: POST
      url: /
      headers: {Content-Type: "${multipart_content_type($form)}"}
      data: $form
"""


# HttpRunner 2 and 3 named the fields in the call, version 1 named one and its file.
@pytest.mark.parametrize(
    ("call", "sent"),
    [
        ("file=$path", {"file": ("note.txt", "hello")}),
        (
            "file=$path, who=$who, n=$n, path=none.txt",
            {
                "file": ("note.txt", "hello"),
                "who": (None, "amy; type=x"),
                "n": (None, "5"),
                "path": (None, "none.txt"),
            },
        ),
        ("file=@data/note.txt, at=@amy", {"file": ("note.txt", "hello"), "at": (None, "@amy")}),
        (
            "a=.env, b=../x, c=data, d=, e=/etc/passwd",
            {
                "a": (None, ".env"),
                "b": (None, "../x"),
                "c": (None, "data"),
                "d": (None, "null"),
                "e": (None, "/etc/passwd"),
            },
        ),
        ("file, $path", {"file": ("note.txt", "hello")}),
        ("file, $path, text/csv", {"file": ("note.txt", "hello")}),
    ],
)
def test_the_encoder_takes_fields_as_in_older_versions(
    bench: Bench, call: str, sent: dict[str, tuple[str | None, str]]
) -> None:
    bench.write("data/note.txt", "hello")
    bench.write(".env", "KEY=secret")
    _, server = bench.load(BY_KEYWORDS % f"${{multipart_encoder({call})}}")
    found = parts(server.asked[0])

    assert {name: (part.get_filename(), part.get_payload()) for name, part in found.items()} == sent


def test_a_large_file_arrives_whole_at_a_server_that_reads_late(bench: Bench) -> None:
    content = bytes(range(256)) * 40_000
    bench.root.joinpath("large.bin").write_bytes(content)
    _, server = bench.load(SEND % "upload: {file: '@large.bin'}")
    payload = parts(server.asked[0])["file"].get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert hashlib.sha256(payload).digest() == hashlib.sha256(content).digest()


def test_an_answer_before_the_end_of_the_upload_counts_and_ends_the_connection(
    bench: Bench,
) -> None:
    with bench.root.joinpath("huge.bin").open("wb") as file:
        file.truncate(200_000_000)
    seen = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        # The server reads no more, so the rest of the file must stay on disk.
        await reader.read(1)
        writer.close()

    async def listen() -> None:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        case = SEND.replace("$URL", f"http://127.0.0.1:{port}") % (
            "upload: {file: '@huge.bin'}}, validate: [{eq: [status_code, 413]}], variables: {"
        )
        outcome, _ = await asyncio.to_thread(bench.load, case)
        assert rows_of(outcome) == {"send": (1, 1, 0, 0)}
        assert outcome.wire.bytes_out < 100_000_000
        server.close()

    asyncio.run(listen())
    assert len(seen) == 1


def test_a_server_that_does_not_read_holds_the_upload_up(bench: Bench) -> None:
    with bench.root.joinpath("huge.bin").open("wb") as file:
        file.truncate(400_000_000)
    bench.http = HttpOptions(timeout=0.7)

    async def main() -> Outcome:
        is_over, is_closed = asyncio.Event(), asyncio.Event()

        async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.transport.pause_reading()
            await is_over.wait()
            writer.transport.abort()
            is_closed.set()

        server = await asyncio.start_server(stall, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        case = SEND.replace("$URL", f"http://127.0.0.1:{port}") % "upload: {file: '@huge.bin'}"
        outcome, _ = await asyncio.to_thread(bench.load, case)
        is_over.set()
        await is_closed.wait()
        server.close()
        return outcome

    outcome = asyncio.run(main())
    assert errors_of(outcome) == [("timeout", "send", 1)]
    # This much the system buffers for a socket; the file is larger.
    assert outcome.wire.bytes_out < 50_000_000
    assert_balanced(outcome)


def test_a_redirect_that_repeats_the_request_repeats_the_form(bench: Bench) -> None:
    bench.write("one.txt", "content")
    script = {
        b"/": b"HTTP/1.1 307 There\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
        b"/there": OK,
    }
    _, server = bench.load(SEND % "upload: {file: '@one.txt'}", script)
    assert [parts(asked)["file"].get_payload() for asked in server.asked] == ["content"] * 2


@pytest.mark.parametrize("path", ["../outside.txt", "link.txt", "missing.txt", ".env", "fifo"])
def test_only_visible_files_of_the_project_are_sent(bench: Bench, path: str) -> None:
    import os

    project = Bench(bench.root / "project")
    (bench.root / "outside.txt").write_text("outside")
    project.write(".env", "A=secret")
    os.mkfifo(project.root / "fifo")
    (project.root / "link.txt").symlink_to(bench.root / "outside.txt")
    project.write("proj.json", "{}")
    case = SEND.replace("name: c", f"name: c, variables: {{path: '@{path}'}}")
    outcome, server = project.load(case % "upload: {file: $path}")
    assert not server.asked
    assert errors_of(outcome) == [("template", "send", 1)]
    assert_balanced(outcome)
    with pytest.raises(CaseError, match="upload of file"):
        project.load(SEND % f"upload: {{file: '@{path}'}}")


def test_a_value_of_the_server_cannot_name_a_file_without_the_author(bench: Bench) -> None:
    bench.write("one.txt", "content")
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{"name":"one.txt"}'
    _, server = bench.load(
        """
        config: {name: c}
        teststeps:
          - {name: ask, request: {method: GET, url: $URL/}, extract: {name: body.name}}
          - {name: send, request: {method: POST, url: $URL/, upload: {file: $name}}}
        """,
        {b"/": answer},
    )
    part = parts(server.asked[1])["file"]
    assert (part.get_filename(), part.get_payload()) == (None, "one.txt")


def test_a_file_that_shrinks_while_it_is_sent_fails_the_request(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from boomtalk.engine.http import multipart

    bench.write("one.txt", "content")
    content = multipart._content
    monkeypatch.setattr(
        multipart,
        "_content",
        lambda part: (part.path, 100) if isinstance(part, multipart.FilePart) else content(part),
    )
    outcome, _ = bench.load(SEND % "upload: {file: '@one.txt'}")
    assert errors_of(outcome) == [("send", "send", 1)]
    assert_balanced(outcome)

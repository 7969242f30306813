"""Record requests in a server, and normalise them for a comparison."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

ANSWER = {
    "token": "tok-1",
    "n": 5,
    "price": 9.5,
    "flag": True,
    "big": 9007199254740993,
    "none": None,
    "items": [{"id": 7, "name": "seven"}, {"id": 8, "name": "eight"}],
}
# Headers that identify the program, or belong to one connection only.
_OWN_HEADERS = {"host", "user-agent", "accept-encoding", "accept", "connection"}
_OWN_HEADERS |= {"content-length", "referer"}
_SILENT = _OWN_HEADERS - {"referer"}


@dataclass(frozen=True)
class Seen:
    """One request as the server read it."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        # Sorted, because hrp sends headers in random order.
        return "; ".join(sorted(value for key, value in self.headers if key == name))

    def shown(self, url: str) -> str:
        """Return the request on one line: method, target, body, and headers that matter."""
        host = url.removeprefix("http://")
        told = {name: self.header(name) for name, _ in self.headers if name not in _SILENT}
        told |= {"host": self.header("host")} if self.header("host") != host else {}
        if told.get("content-type") == "application/json; charset=utf-8":
            del told["content-type"]
        body = self.body.decode("utf-8", "replace")
        if self.header("content-type").startswith("multipart/"):
            parts = _normal_body(told.pop("content-type"), self.body).decode()
            body = " ".join(parts.replace("content-disposition: form-data; ", "").split())
        line = " ".join(filter(None, [self.method, self.target, body]))
        headers = ", ".join(f"{name}: {value}" for name, value in sorted(told.items()))
        return (f"{line} {{{headers}}}" if headers else line).replace(url, "$URL")

    def normal(self) -> bytes:
        """Return the request without differences that have no meaning.

        These are the order of query, form, JSON keys, cookies and parts; the boundary of a form;
        letter case of header names; and the slash that HttpRunner 4.3.5 adds to a path.
        """
        path, mark, query = self.target.partition("?")
        pairs = sorted(parse_qsl(query, keep_blank_values=True))
        path = path if mark else path.rstrip("/")
        headers = sorted((k, v) for k, v in self.headers if k not in _OWN_HEADERS)
        kind = self.header("content-type")
        body = _normal_body(kind, self.body)
        shown = [(k, re.sub("boundary=.*", "boundary", _cookie_order(k, v))) for k, v in headers]
        return repr((self.method, path, pairs, shown)).encode() + b"\n" + body


def _cookie_order(name: str, value: str) -> str:
    return "; ".join(sorted(value.split("; "))) if name == "cookie" else value


def _normal_body(kind: str, body: bytes) -> bytes:
    if kind.startswith("application/json") and body:
        return json.dumps(json.loads(body), sort_keys=True).encode()
    if kind.startswith("application/x-www-form-urlencoded"):
        return repr(sorted(parse_qsl(body.decode(), keep_blank_values=True))).encode()
    if kind.startswith("multipart/"):
        boundary = kind.partition("boundary=")[2].strip('"').encode()
        parts = body.split(b"--" + boundary)[1:-1]
        return b"\n".join(sorted(map(_normal_part, parts)))
    return body


def _normal_part(part: bytes) -> bytes:
    head, _, content = part.partition(b"\r\n\r\n")
    return b"|".join(sorted(line.lower() for line in head.split(b"\r\n") if line)) + b"|" + content


@dataclass
class Recorder:
    url: str
    seen: list[Seen] = field(default_factory=list)


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    recorder: Recorder

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = tuple((name.lower(), value) for name, value in self.headers.items())
        self.recorder.seen.append(Seen(self.command, self.path, headers, body))
        path = self.path.partition("?")[0].rstrip("/")
        content = json.dumps({**ANSWER, "path": path}).encode()
        self.send_response(302 if path.startswith("/away") else 200)
        if path.startswith("/away"):
            self.send_header("Location", "/arrived?from=away")
        if path == "/login":
            self.send_header("Set-Cookie", "sid=s1; Path=/")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    # http.server finds the handler of a method by this name.
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def recording() -> Iterator[Recorder]:
    """Answer and record on a free port while the body of the `with` runs."""
    recorder = Recorder("")
    handler = type("Requests", (_Requests,), {"recorder": recorder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    recorder.url = f"http://127.0.0.1:{server.server_address[1]}"
    serving = threading.Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        serving.join()
        server.server_close()

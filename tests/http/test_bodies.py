"""Test that bodies are decompressed, decoded in their charset, and parsed if they are JSON."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import brotli
import pytest
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.charset import charset_of
from boomtalk.engine.http.head import Heads
from boomtalk.engine.http.reader import ResponseReader
from boomtalk.engine.http.response import Response
from hypothesis import given
from hypothesis import strategies as st

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def read(content: bytes, *headers: str, most: int = 1_000_000) -> Response:
    reader = ResponseReader(most, Heads())
    reader.expect(body=True)
    lines = "".join(f"{header}\r\n" for header in headers)
    head = f"HTTP/1.1 200 OK\r\n{lines}Content-Length: {len(content)}\r\n\r\n"
    response = reader.feed(head.encode("latin-1") + content)
    assert response is not None
    return response


BROKEN = "\ufffd"
JSON = {
    # Go, encoding/json: half a surrogate pair and bytes that are not UTF-8 become U+FFFD.
    "half a pair": (rb'{"a":"cut \ud83d"}', {"a": f"cut {BROKEN}"}),
    "the other half": (rb'{"a":"\ude00cut"}', {"a": f"{BROKEN}cut"}),
    "two first halves and a pair": (rb'["\ud83d\uD83D\uDE00"]', [f"{BROKEN}😀"]),
    "a half before another escape": (rb'["\ud83d\n"]', [f"{BROKEN}\n"]),
    "a half in a key": (rb'{"\uD800":1}', {BROKEN: 1}),
    "a backslash before it": (rb'["\\ud83d", "\\\ud83d"]', ["\\ud83d", f"\\{BROKEN}"]),
    "a whole pair": (rb'["\ud83d\ude00"]', ["😀"]),
    "half a letter": (b'{"a":"\xe5\xa5","b":1}', {"a": BROKEN, "b": 1}),
    "Latin-1": (b'{"caf\xe9":"\xff"}', {f"caf{BROKEN}": BROKEN}),
    "GBK": ('{"code":0,"msg":"好"}'.encode("gbk"), {"code": 0, "msg": BROKEN * 2}),
    # RFC 8259, 8.1: a reader may ignore the mark; RFC 4627, 3: NUL bytes show the encoding.
    "a byte order mark": (b'\xef\xbb\xbf {"a":"\xe5\xa5\xbd"}', {"a": "好"}),
    "a byte order mark and half a pair": (b'\xef\xbb\xbf["\\ud83d"]', [BROKEN]),
    "UTF-16 with its mark": ('["好"]'.encode("utf-16"), ["好"]),
    "UTF-16 without": ('["a好"]'.encode("utf-16-be"), ["a好"]),
    "UTF-32": ('["好"]'.encode("utf-32"), ["好"]),
    # Numbers stay what they are.
    "a big integer": (b"[12345678901234567890123]", [12345678901234567890123]),
    "a big integer and half a pair": (b'[%d,"\\ud83d"]' % 2**70, [2**70, BROKEN]),
    "a big integer and half a letter": (b'[%d,"\xe5"]' % 2**70, [2**70, BROKEN]),
    "a big integer behind a mark": (b"\xef\xbb\xbf[%d]" % 2**64, [2**64]),
    "an integer of 400 digits": (b"[%b]" % (b"9" * 400), [int("9" * 400)]),
    "blanks around": (b" \r\n\t[1]\n", [1]),
}


@pytest.mark.parametrize("name", JSON)
def test_json_is_read_although_a_text_in_it_is_broken(name: str) -> None:
    content, expected = JSON[name]
    response = read(content)

    assert response.body == expected
    assert response.json_error is None
    json.dumps(response.body, ensure_ascii=False).encode()  # it can be sent again


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<html>好</html>",
        "{'a': 1}",
        '{"a":1',
        '{"a":NaN}',
        "[1] [2]",
        '["\x01"]',
        "9x",
    ],
)
def test_what_is_not_json_stays_a_text(text: str) -> None:
    for headers in ([], ["Content-Type: text/plain"]):
        response = read(text.encode(), *headers)
        assert response.body == text
        assert response.json_error is None


@pytest.mark.parametrize("kind", ["application/json", "application/problem+JSON; charset=utf-8"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html>", "unexpected character"),
        (b'{"a":1', "unexpected end"),
        (b'{"a":"\xe9", }', "line 1 column"),
        (b"[NaN]", "line 1 column"),
        (b"[%d, NaN]" % 2**70, "NaN is not JSON"),
        (b"[1e999]", "infinity"),
        (b"[%d, 1e999]" % 2**70, "too large"),
        (b"[" * 5_000, "line 1 column"),
    ],
)
def test_why_a_body_that_names_json_cannot_be_read_is_kept(
    content: bytes, why: str, kind: str
) -> None:
    response = read(content, f"Content-Type: {kind}")

    assert response.body == response.text
    assert why in str(response.json_error)


TEXT = "crème 好 €"
CHARSETS = {
    "text/html; charset=gbk": ("好", "gbk"),
    'text/html;level=1;CHARSET="GB18030"': (TEXT, "gb18030"),
    "text/html; charset='utf-16le'": (TEXT, "utf-16-le"),
    "text/plain; boundary=x; charset = iso-8859-1 ; x=y": ("crème", "latin-1"),
    "text/plain;charset=Windows-1252": ("crème €", "cp1252"),
    "text/plain; charset=Shift_JIS": ("表示①", "cp932"),
    "text/plain; charset=EUC-KR": ("한글똠", "cp949"),
    # WHATWG, Encoding, 4.2: gb2312 is a label of its superset GBK.
    "text/html; charset=gb2312": ("镕", "gbk"),
    "text/html; charset=x-sjis": ("表示", "shift_jis"),
    "text/html; charset=koi8-r": ("привет", "koi8-r"),
    "text/html; charset=big5": ("你好", "big5"),
    "text/html; charset=gbk,utf-8": ("好", "gbk"),
    "text/xml; charset=utf-8,charset=utf-8": (TEXT, "utf-8"),
    "text/html": (TEXT, "utf-8"),
    "text/html; charset=": (TEXT, "utf-8"),
    "text/html; charset=utf8": (TEXT, "utf-8"),
    # The name of no charset, or of a Python codec that is not a charset.
    "text/html; charset=klingon": (TEXT, "utf-8"),
    "text/html; charset=base64": (TEXT, "utf-8"),
    "text/html; charset=rot13": (TEXT, "utf-8"),
    "text/html; charset=unicode_escape": ("\\u0041", "utf-8"),
    "text/html; charset=punycode": ("a-b", "utf-8"),
    "text/html; charset=undefined": (TEXT, "utf-8"),
    "text/html; charset=\xff": (TEXT, "utf-8"),
}


@pytest.mark.parametrize("kind", CHARSETS)
def test_a_text_is_read_in_the_charset_that_it_names(kind: str) -> None:
    text, codec = CHARSETS[kind]

    assert read(text.encode(codec), f"Content-Type: {kind}").text == text


@pytest.mark.parametrize("name", ["gbk", "GB18030", "utf-16", "iso-2022-jp", "shift_jis", "cp1251"])
def test_json_may_be_in_another_charset(name: str) -> None:
    word = {"iso-2022-jp": "日本", "shift_jis": "日本", "cp1251": "привет"}.get(name, "模好")
    document = {"word": word, "id": 2**70}
    content = json.dumps(document, ensure_ascii=False).encode(name)

    assert read(content, f"content-TYPE: application/json;charset={name}").body == document


def test_a_byte_order_mark_beats_the_charset() -> None:
    for codec in ("utf-8-sig", "utf-16"):
        assert read("好".encode(codec), "Content-Type: text/html; charset=gbk").text == "好"


def test_what_a_charset_cannot_read_is_replaced() -> None:
    assert read(b"a\xff", "Content-Type: text/html; charset=gbk").text == f"a{BROKEN}"
    assert read(b"+2AA-", "Content-Type: text/html; charset=utf-7").text == BROKEN


@given(
    st.binary(max_size=60), st.sampled_from([b"", b"text/html; charset=", b"a/b; charset*=x'y'"])
)
def test_no_content_type_harms(name: bytes, begin: bytes) -> None:
    charset = charset_of(begin + name)

    assert isinstance(b"abc".decode(charset or "utf-8", "replace"), str)


DOCUMENT = b'{"code": 0}'
Pack = Callable[[bytes], bytes]
RAW: Pack = lambda data: zlib.compress(data)[2:-4]  # noqa: E731
PACKED: dict[str, tuple[list[str], list[Pack]]] = {
    "gzip": (["gzip"], [gzip.compress]),
    "an old name": (["X-GZip"], [gzip.compress]),
    "deflate": (["deflate"], [zlib.compress]),
    "deflate without its header": (["deflate"], [RAW]),
    "br": (["BR"], [brotli.compress]),
    "zstd": (["zstd"], [zstd.compress]),
    "two frames of zstd": (
        ["zstd"],
        [lambda data: zstd.compress(data[:4]) + zstd.compress(data[4:])],
    ),
    "identity": (["identity"], []),
    "gzip and identity": (["gzip, identity"], [gzip.compress]),
    "in their order": (["deflate, gzip"], [zlib.compress, gzip.compress]),
    "in two lines": (["deflate", "gzip"], [zlib.compress, gzip.compress]),
    "two lines of lists": (
        ["br ,identity", "zstd,gzip,"],
        [brotli.compress, zstd.compress, gzip.compress],
    ),
    "twice": (["gzip, gzip"], [gzip.compress, gzip.compress]),
    "one that nobody knows": (["aws-chunked"], []),
    "empty": (["", ","], []),
}


@pytest.mark.parametrize("name", PACKED)
def test_a_body_is_unpacked(name: str) -> None:
    lines, packs = PACKED[name]
    content = DOCUMENT
    for pack in packs:
        content = pack(content)

    assert read(content, *(f"Content-Encoding: {line}" for line in lines)).body == {"code": 0}


def test_what_is_packed_in_an_unknown_way_stays_as_it_came() -> None:
    assert read(gzip.compress(b"x"), "Content-Encoding: compress, gzip").content == b"x"
    packed = gzip.compress(b"x")
    assert read(packed, "Content-Encoding: gzip, compress").content == packed


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_is_not_packed_as_it_says_is_a_failure(name: str) -> None:
    with pytest.raises(StepFailed) as caught:
        read(b"plainly not", f"Content-Encoding: {name}")
    assert caught.value.kind == "decode"


@pytest.mark.parametrize(
    "encodings",
    [["gzip"], ["deflate"], ["br"], ["zstd"], ["gzip", "gzip"], ["br", "gzip"], ["zstd", "br"]],
)
def test_no_layer_of_a_body_may_be_too_large(encodings: list[str]) -> None:
    packers: dict[str, Pack] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": partial(brotli.compress, quality=1),
        "zstd": zstd.compress,
    }
    for size, fits in ((1_000_000, True), (1_000_001, False), (30_000_000, False)):
        content = bytes(size)
        for name in encodings:
            content = packers[name](content)
        line = f"Content-Encoding: {', '.join(encodings)}"
        if fits:
            assert read(content, line).content == bytes(size)
            continue
        with pytest.raises(StepFailed) as caught:
            read(content, line)
        assert caught.value.kind == "too_large"


def test_a_layer_between_may_not_be_too_large_either() -> None:
    content: Any = gzip.compress(gzip.compress(b"small") + bytes(2_000_000))

    with pytest.raises(StepFailed) as caught:
        read(content, "Content-Encoding: gzip, gzip")
    assert caught.value.kind == "too_large"


def test_a_body_is_not_unpacked_for_ever() -> None:
    content = DOCUMENT
    for _ in range(6):
        content = gzip.compress(content)

    with pytest.raises(StepFailed, match="more than 5 encodings"):
        read(content, "Content-Encoding: " + ", ".join(["gzip"] * 6))

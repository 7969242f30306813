"""This module finds the charset of a body, in its byte order mark or in its content type."""

from __future__ import annotations

import codecs
import re
from email.message import Message
from functools import lru_cache

_DEFAULT = frozenset({"utf-8", "ascii"})
# Python's own encodings. Servers do not mean them, and punycode takes quadratic time.
_NOT_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape"})
# Servers name the older standard and send what was added later (WHATWG, Encoding, 4.2).
_LARGER = {"gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the mark of UTF-16
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
)
_FIRST_OF_MARKS = frozenset(mark[0] for mark, _ in _MARKS)
_SURROGATE = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=256)
def charset_of(content_type: bytes) -> str | None:
    """Return Python's name for the charset of a content type; None means UTF-8.

    A name that Python does not know, or a codec that is not a charset, means UTF-8, too.
    """
    header = Message()
    header["Content-Type"] = content_type.decode("latin-1")
    try:
        # Some servers part two charsets by a comma.
        name = header.get_content_charset("").partition(",")[0].strip(" \t'\"").removeprefix("x-")
        b"x".decode(name, "replace")  # a codec between bytes and bytes refuses
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if codec in _DEFAULT | _NOT_CHARSETS else _LARGER.get(codec, codec)


def text_of(content: bytes, charset: str | None) -> str:
    """Return the text of a body, with U+FFFD for broken bytes; a byte order mark wins."""
    if content and content[0] in _FIRST_OF_MARKS:
        for mark, marked in _MARKS:
            if content.startswith(mark):
                content, charset = content[len(mark) :], marked
                break
    text = content.decode(charset or "utf-8", "replace")
    return text if charset is None else _SURROGATE.sub("\ufffd", text)

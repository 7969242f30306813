"""The ways in which formats write a text."""

from __future__ import annotations

import html
import json
import shlex
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape


def lower_hex(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def as_javascript(text: str) -> str:
    """Return what encodeURIComponent makes of the text."""
    return quote(text, safe="!'()*-._~")


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: quote(text, safe=""),
    "percent in small letters": lower_hex,
    "encodeURIComponent": as_javascript,
    "form": quote_plus,
    "twice percent": lambda text: quote(quote(text, safe=""), safe=""),
    "JSON": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in ASCII": lambda text: json.dumps(text)[1:-1],
    "JSON of PHP": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "form in JSON": lambda text: json.dumps({"a": quote_plus(text)}),
    "XML": escape,
    "HTML": html.escape,
    "HTML in numbers": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "HTML in hexadecimal numbers": lambda text: "".join(f"&#x{ord(one):x};" for one in text),
    "shell": shlex.quote,
    "repr": lambda text: repr(text)[1:-1],
    "repr of bytes": lambda text: repr(text.encode())[2:-1],
    "user and password in Base64": lambda text: b64encode(f"bob:{text}".encode()).decode(),
    "Base64": lambda text: b64encode(text.encode()).decode(),
    "Base64 for URLs, one byte later": lambda text: urlsafe_b64encode(
        f"_{text}_".encode()
    ).decode(),
    "JSON in Base64": lambda text: b64encode(json.dumps({"a": text}).encode()).decode(),
    "Base64 in JSON in a form": lambda text: quote_plus(
        json.dumps({"a": b64encode(text.encode()).decode()})
    ),
}

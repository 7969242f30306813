"""Put the page of a run together: one file that loads nothing from a network."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ..record.reading import Record
from .content import content_of

_ASSETS = Path(__file__).with_name("assets")
_SCRIPTS = (
    *("text", "words", "histogram", "run", "frame", "charts", "timecharts"),
    *("table", "overview", "details", "page"),
)


def _source(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


# Read before a load begins: at its end, hours later, the files may be gone or of another version.
_STYLE = _source("style.css")
_SCRIPT = "\n".join(_source(f"{name}.js") for name in _SCRIPTS)
_LIVE_SCRIPT = "\n".join((_SCRIPT, _source("merging.js"), _source("live.js")))
_PAGE = _source("page.html")
# In a script element "</script" ends it and "<!--" changes how it is parsed (HTML standard,
# "Restrictions for contents of script elements"). U+2028 and U+2029 end a line in older JavaScript.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


class LivePage(NamedTuple):
    """The page that shows what it is told by events, and the policy to serve it with."""

    html: bytes
    policy: str


def page_of(record: Record) -> bytes:
    """Return the page of a run, even of one that was killed; raises UsageError.

    Text from outside must never run as code. So the page holds data only as JSON, and its content
    security policy allows this script and this style and no other.
    """
    return _filled(_policy(_SCRIPT), _SCRIPT, content_of(record).decode().translate(_ESCAPES))


def live_page() -> LivePage:
    """Return the page of a run that goes on, without data; it may connect only to its server."""
    policy = f"{_policy(_LIVE_SCRIPT)}; connect-src 'self'"
    return LivePage(_filled(policy, _LIVE_SCRIPT, "null"), f"{policy}; frame-ancestors 'none'")


def _filled(policy: str, script: str, content: str) -> bytes:
    parts = {"policy": policy, "style": _STYLE, "script": script, "content": content}
    # One pass: a placeholder inside the data must not be replaced.
    return re.sub(r"\{\{(\w+)\}\}", lambda name: parts[name[1]], _PAGE).encode()


def _policy(script: str) -> str:
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(_STYLE)};"
        " base-uri 'none'; form-action 'none'"
    )


# Hashes rather than 'unsafe-inline': a script that got in with the data would not run.
def _hash(source: str) -> str:
    return f"'sha256-{b64encode(sha256(source.encode()).digest()).decode()}'"

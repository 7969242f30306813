"""Turn a request into a curl command that sends it again."""

from __future__ import annotations

import shlex
import unicodedata
from collections.abc import Iterator

from ..http.brief import BriefRequest, Part
from ..http.cookies import cookie_line
from ..http.multipart import FilePart
from .masking import Mask

_MOST = 2000
_BRIEF = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def curl_of(request: BriefRequest, mask: Mask) -> str:
    """Return the request as a curl command on one line, with secrets masked."""
    # With -X HEAD curl would wait for a body that never comes.
    method = ["--head"] if request.method == "HEAD" else ["-X", request.method]
    words = ["curl", *method, _masked(request.url, mask)]
    if not request.verify:
        words.append("-k")
    words += _headers(request, mask)
    if request.cookies:
        masked = tuple((name, mask.tree(value, "cookie")) for name, value in request.cookies)
        words += ["-b", cookie_line(masked)]
    words += _body(request, mask)
    return " ".join(map(_quoted, words))


def _headers(request: BriefRequest, mask: Mask) -> Iterator[str]:
    names = set()
    for name, value in request.headers:
        names.add(name.lower())
        if name.lower() == "accept-encoding":
            yield "--compressed"
        elif request.parts is None or name.lower() != "content-type":  # curl makes the boundary
            # curl's syntax: "Name;" sends an empty header, "Name:" sends none at all.
            yield from ("-H", f"{name}: {_cut(mask.tree(value, name))}" if value else f"{name};")
    if request.body and "content-type" not in names:
        yield from ("-H", "Content-Type:")  # else curl adds its own


def _quoted(word: str) -> str:
    """Quote a word for bash or zsh; control characters are written as escapes in $'...'."""
    if not any(map(_is_control, word)):
        return shlex.quote(word)
    return "$'" + "".join(map(_escaped, word)) + "'"


def _is_control(character: str) -> bool:
    return unicodedata.category(character)[0] == "C"


def _escaped(character: str) -> str:
    if _is_control(character):
        data = character.encode("utf-8", "surrogatepass")
        return _BRIEF.get(character) or "".join(f"\\x{byte:02x}" for byte in data)
    return f"\\{character}" if character in "\\'" else character


def _body(request: BriefRequest, mask: Mask) -> Iterator[str]:
    if request.parts is not None:
        for part in request.parts:
            yield from _part(part, mask)
    elif request.body:
        # With --data a text that begins with "@" would be the name of a file.
        yield from ("--data-raw", _masked(request.body.decode("utf-8", "replace"), mask))


def _part(part: Part, mask: Mask) -> tuple[str, str]:
    if isinstance(part, FilePart):
        name = f";filename={_in_form(part.filename)}" if part.filename else ""
        return "-F", f"{part.name}=@{_in_form(part.path)};type={part.type_sent}{name}"
    text = _cut(mask.tree(part.text, part.name))
    if part.content_type:
        return "-F", f"{part.name}={_in_form(text)};type={part.content_type}"
    # With -F a text that begins with "@" or "<" would be the name of a file.
    return "--form-string", f"{part.name}={text}"


def _masked(text: str, mask: Mask) -> str:
    """Return a text masked and cut; the mask cuts it, because half a secret is none to it."""
    return mask.text(text, _MOST) + ("..." if len(text) > _MOST else "")


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST]}..."


def _in_form(text: object) -> str:
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

"""A request as a command that sends it again, for a bug report or a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from ..http.multipart import FilePart, Multipart
from ..http.request import Request
from .masking import Mask

_MOST = 2000


def curl_of(request: Request, cookies: Mapping[str, str], mask: Mask) -> str:
    """Return the request as a curl command on one line, with secrets masked."""
    words = ["curl", "-X", request.method, mask.text(str(request.url))]
    if not request.origin.verify:
        words.append("-k")
    for name, value in request.headers:
        if name.lower() == "accept-encoding":
            words.append("--compressed")
        elif request.form is None or name.lower() != "content-type":
            words += ["-H", f"{name}: {mask.tree(value, name)}"]
    if cookies:
        masked = mask.tree(dict(cookies), "cookie")
        words += ["-b", "; ".join(f"{name}={value}" for name, value in masked.items())]
    words += _body(request, mask)
    return " ".join(map(shlex.quote, words))


def _body(request: Request, mask: Mask) -> list[str]:
    if request.form is not None:
        return [word for field in _fields(request.form, mask) for word in ("-F", field)]
    if not request.body:
        return []
    text = mask.text(request.body.decode("utf-8", "replace"))
    return ["--data-raw", text if len(text) <= _MOST else text[:_MOST] + "..."]


def _fields(form: Multipart, mask: Mask) -> list[str]:
    return [
        f"{part.name}=@{part.path}"
        if isinstance(part, FilePart)
        else f"{part.name}={mask.tree(part.text, part.name)}"
        for part in form.parts
    ]

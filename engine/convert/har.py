"""Convert HAR files: recordings of a browser or a proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ..case.nodes import SourceError
from .bodies import body_of
from .draft import Body, Draft, DraftCase, Field, File, Form, Pairs, Upload
from .notes import Notes

# Headers that a browser adds itself, that belong to one visit, or that depend on its cache.
_DYNAMIC = {"cookie", "dnt", "host", "if-match", "if-modified-since", "if-none-match"}
_DYNAMIC |= {"if-unmodified-since", "priority", "upgrade-insecure-requests"}
_STATIC_TYPES = re.compile(r"image/|font/|video/|audio/|text/css|\w+/(?:x-)?javascript|.*font")
_STATIC_KINDS = {"image", "stylesheet", "script", "font", "media", "manifest"}
_STATIC_PATHS = re.compile(
    r"\.(?:css|m?js|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|otf|mp[34]|webm)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters for recorded requests; patterns are searched in the whole URL."""

    hosts: Sequence[str] = ()
    methods: Sequence[str] = ()
    include: re.Pattern[str] | None = None
    exclude: re.Pattern[str] | None = None
    static: bool = False
    pauses: bool = True

    def takes(self, entry: Mapping[str, Any]) -> bool:
        """Return whether the entry passes the filters; static files only do with `static`."""
        request = entry["request"]
        url, host = request["url"], urlsplit(request["url"]).hostname or ""
        return (
            (not self.hosts or any(_is_host(host, wanted) for wanted in self.hosts))
            and (not self.methods or request["method"].upper() in map(str.upper, self.methods))
            and (self.include is None or self.include.search(url) is not None)
            and (self.exclude is None or self.exclude.search(url) is None)
            and (self.static or not _is_static(entry))
        )


def _is_host(host: str, wanted: str) -> bool:
    return host == wanted or (wanted.startswith("*.") and host.endswith(wanted[1:]))


def _is_static(entry: Mapping[str, Any]) -> bool:
    content = entry.get("response", {}).get("content", {})
    return (
        entry.get("_resourceType") in _STATIC_KINDS
        or _STATIC_TYPES.match(content.get("mimeType", "")) is not None
        or _STATIC_PATHS.search(urlsplit(entry["request"]["url"]).path) is not None
    )


def read_har(tree: Mapping[str, Any], name: str, wanted: Wanted, notes: Notes) -> DraftCase:
    """Return a case with the entries that pass the filters, in the order of their start.

    Raises SourceError if there are none.
    """
    entries = sorted(tree["log"]["entries"], key=lambda entry: str(entry.get("startedDateTime")))
    chosen = [entry for entry in entries if wanted.takes(entry)]
    drafts = list(_drafts(chosen, wanted, notes))
    if not drafts:
        raise SourceError(
            0,
            f"the filters leave none of {len(entries)} recorded requests",
            "see --host, --method, --include, --exclude, --static",
        )
    if len(chosen) < len(entries):
        notes.add(f"{len(entries) - len(chosen)} of {len(entries)} requests are filtered out")
    if any(_cookies_of(entry) for entry in chosen):
        notes.add("recorded cookies are left out", "users get their own from the responses")
    return DraftCase(name=name, requests=drafts)


def _cookies_of(entry: Mapping[str, Any]) -> bool:
    return any(name.lower() == "cookie" for name, _ in _pairs(entry["request"].get("headers")))


def _drafts(entries: Sequence[Mapping[str, Any]], wanted: Wanted, notes: Notes) -> Iterator[Draft]:
    quiet_since: datetime | None = None
    for entry in entries:
        method, url = entry["request"]["method"].upper(), entry["request"]["url"]
        name = f"{method} {urlsplit(url).path or '/'}"
        if not url.startswith(("http://", "https://")):
            notes.add(f"{url.partition(':')[0]} is not converted", "only HTTP is", step=name)
            continue
        status = entry.get("response", {}).get("status", 0)
        if not 100 <= status < 600:
            notes.add("got no response: left out", step=name)
            continue
        began = _moment(entry)
        gap = (began - quiet_since).total_seconds() if began and quiet_since else 0.0
        yield Draft(
            name=name,
            method=method,
            url=url,
            headers=_headers(entry["request"]),
            body=_body(entry["request"], name, notes),
            # Users have no cache of a browser, so the server will answer 200 and not 304.
            status=None if status == 304 else status,
            pause=gap if wanted.pauses else 0.0,
            follow=not 300 <= status < 400 or status == 304,
        )
        ended = began + timedelta(milliseconds=max(0, entry.get("time") or 0)) if began else None
        # Requests overlap: the pause begins when the last one of them has ended.
        quiet_since = max(filter(None, (quiet_since, ended)), default=None)


def _moment(entry: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(entry["startedDateTime"])
    except (KeyError, TypeError, ValueError):
        return None


def _headers(request: Mapping[str, Any]) -> Pairs:
    return [
        (name, value)
        for name, value in _pairs(request.get("headers"))
        if name.lower() not in _DYNAMIC and not name.lower().startswith(("sec-", "proxy-", ":"))
    ]


def _pairs(items: Any) -> Pairs:
    return [(item["name"], item.get("value") or "") for item in items or ()]


def _body(request: Mapping[str, Any], step: str, notes: Notes) -> Body | None:
    data = request.get("postData") or {}
    written = next(
        (v for n, v in _pairs(request.get("headers")) if n.lower() == "content-type"), ""
    )
    content_type = written or data.get("mimeType") or ""
    if data.get("encoding") == "base64" or "\ufffd" in data.get("text", ""):
        notes.add("a binary body is not converted", step=step)
        return None
    if data.get("text"):
        return body_of(data["text"], content_type)
    if not data.get("params"):
        return None
    if content_type.lower().startswith("multipart/"):
        return Upload([_field(param) for param in data["params"]])
    return Form(_pairs(data["params"]))


def _field(param: Mapping[str, Any]) -> tuple[str, Field]:
    if not param.get("fileName"):
        return param["name"], param.get("value") or ""
    content = param["value"].encode() if param.get("value") else None
    return param["name"], File(param["fileName"], param.get("contentType") or "", "", content)

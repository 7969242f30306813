"""Convert HAR files: recordings of a browser or a proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from ..case.nodes import SourceError
from .draft import Draft, DraftCase
from .har_body import body_of_entry, pairs_of
from .notes import Notes
from .request_url import complete
from .secrets import Secrets
from .variables import with_variables

# Headers that a browser adds itself, that belong to one visit, or that depend on its cache.
_DYNAMIC = {"cookie", "dnt", "host", "if-match", "if-modified-since", "if-none-match"}
_DYNAMIC |= {"if-unmodified-since", "priority", "upgrade-insecure-requests"}
_STATIC_TYPES = re.compile(r"image/|font/|video/|audio/|text/css|\w+/(?:x-)?javascript|.*font")
_STATIC_KINDS = {"image", "stylesheet", "script", "font", "media", "manifest"}
_STATIC_PATHS = re.compile(
    r"\.(?:css|m?js|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|otf|mp[34]|webm)$", re.IGNORECASE
)
_LONGEST_NAME = 100


class Wanted(Struct, frozen=True):
    """The filters for recorded requests; patterns are searched in the whole URL."""

    hosts: Sequence[str] = ()
    methods: Sequence[str] = ()
    include: re.Pattern[str] | None = None
    exclude: re.Pattern[str] | None = None
    static: bool = False
    pauses: bool = True

    def takes(self, entry: _Entry) -> bool:
        """Return whether the entry passes the filters; static files only do with `static`."""
        url, host = entry.url, _parts(entry.url).hostname or ""
        return (
            (not self.hosts or any(_is_host(host, wanted) for wanted in self.hosts))
            and (not self.methods or entry.method in map(str.upper, self.methods))
            and (self.include is None or self.include.search(url) is not None)
            and (self.exclude is None or self.exclude.search(url) is None)
            and (self.static or not entry.is_static)
        )


def _is_host(host: str, wanted: str) -> bool:
    return host == wanted or (wanted.startswith("*.") and host.endswith(wanted[1:]))


def _parts(url: str) -> Any:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


class _Entry(Struct, frozen=True):
    """One recorded request. A key that is null counts as one that is left out."""

    tree: Mapping[str, Any]
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    method: str
    url: str

    @classmethod
    def of(cls, tree: Any) -> _Entry:
        """Read an entry; raises SourceError if it is damaged."""
        request = tree.get("request") if isinstance(tree, Mapping) else None
        if not isinstance(request, Mapping) or not isinstance(request.get("url"), str):
            raise SourceError(0, "there is no URL in it")
        response = tree.get("response")
        method = str(request.get("method") or "GET").upper()
        url = _with_query(request["url"].strip(), request)
        return cls(tree, request, response if isinstance(response, Mapping) else {}, method, url)

    @property
    def name(self) -> str:
        return f"{self.method} {_parts(self.url).path or '/'}"[:_LONGEST_NAME]

    @property
    def status(self) -> int:
        """The recorded status; 0 if there was no response."""
        try:
            return int(self.response.get("status") or 0)
        except (TypeError, ValueError):
            return 0

    @property
    def is_answered(self) -> bool:
        return 100 <= self.status < 600

    @property
    def is_static(self) -> bool:
        content = self.response.get("content") or {}
        return (
            self.tree.get("_resourceType") in _STATIC_KINDS
            or _STATIC_TYPES.match(content.get("mimeType") or "") is not None
            or _STATIC_PATHS.search(_parts(self.url).path) is not None
        )

    @property
    def has_cookies(self) -> bool:
        headers = pairs_of(self.request.get("headers"))
        return bool(self.request.get("cookies")) or any(n.lower() == "cookie" for n, _ in headers)

    @property
    def began(self) -> datetime | None:
        try:
            found = datetime.fromisoformat(self.tree["startedDateTime"])
        except (KeyError, TypeError, ValueError):
            return None
        return found if found.tzinfo else found.astimezone()

    @property
    def ended(self) -> datetime | None:
        began, time = self.began, self.tree.get("time")
        took = time if isinstance(time, int | float) and time > 0 else 0
        return began + timedelta(milliseconds=took) if began else None


def _with_query(url: str, request: Mapping[str, Any]) -> str:
    """Return the URL with the pairs of `queryString`, if it has no query of its own."""
    pairs = pairs_of(request.get("queryString"))
    if not pairs or "?" in url:
        return url
    front, mark, fragment = url.partition("#")
    return f"{front}?{urlencode(pairs)}{mark}{fragment}"


def read_har(
    tree: Mapping[str, Any], name: str, wanted: Wanted, notes: Notes, secrets: Secrets
) -> DraftCase:
    """Return a case with the entries that pass the filters, in the order of their start.

    Raises SourceError if there are none.
    """
    entries = list(_entries(tree["log"].get("entries") or (), notes))
    if not entries:
        raise SourceError(0, "no requests are recorded in it")
    entries.sort(key=lambda entry: str(entry.tree.get("startedDateTime")))
    chosen = [entry for entry in entries if wanted.takes(entry)]
    if not chosen:
        what = f"the filters leave none of {len(entries)} recorded requests"
        raise SourceError(0, what, "see --host, --method, --include, --exclude, --static")
    if len(chosen) < len(entries):
        notes.add(f"{len(entries) - len(chosen)} of {len(entries)} requests are filtered out")
    drafts = list(_drafts(chosen, wanted, notes, secrets))
    if not drafts:
        raise SourceError(0, "none of the recorded requests can be sent", _why_not(chosen))
    if any(entry.has_cookies for entry in chosen):
        notes.add("recorded cookies are left out", "users get their own from the responses")
    return DraftCase(name=name, requests=drafts)


def _entries(trees: Sequence[Any], notes: Notes) -> Iterator[_Entry]:
    for at, tree in enumerate(trees, 1):
        try:
            yield _Entry.of(tree)
        except SourceError as error:
            notes.add(f"the recorded request number {at} is left out: {error.what}")


def _why_not(entries: Sequence[_Entry]) -> str:
    reasons = dict.fromkeys(
        filter(None, (_fault(entry, must_be_answered=True) for entry in entries))
    )
    return ", ".join(reasons)


def _drafts(
    entries: Sequence[_Entry], wanted: Wanted, notes: Notes, secrets: Secrets
) -> Iterator[Draft]:
    # A recording without any response holds requests that somebody wrote, not failed ones.
    must_be_answered = any(entry.is_answered for entry in entries)
    quiet_since: datetime | None = None
    for entry in entries:
        if fault := _fault(entry, must_be_answered=must_be_answered):
            notes.add(f"{fault}: left out", step=entry.name)
            continue
        began, ended = entry.began, entry.ended
        gap = (began - quiet_since).total_seconds() if began and quiet_since else 0.0
        draft, names = with_variables(_draft(entry, gap if wanted.pauses else 0.0, notes), secrets)
        for variable in names:
            notes.add(
                f"${variable} has no value yet", "give it with -e or in .env", step=draft.name
            )
        yield draft
        # Requests overlap: the pause begins when the last one of them has ended.
        quiet_since = max(filter(None, (quiet_since, ended)), default=None)


def _fault(entry: _Entry, *, must_be_answered: bool) -> str:
    """Return why the request cannot be sent again; empty if it can."""
    scheme = entry.url.partition(":")[0].lower()
    if scheme not in ("http", "https") or entry.status == 101:
        return f"{scheme if entry.status != 101 else 'a websocket'} is not converted"
    if entry.method == "CONNECT":
        return "CONNECT opens a tunnel and is not a request"
    if "response" in entry.tree and must_be_answered and not entry.is_answered:
        return "got no response"
    if not re.fullmatch("[A-Z]+", entry.method):
        return f"{entry.method!r} is not an HTTP method"
    try:
        complete(entry.url)
    except SourceError as error:
        return error.what
    return ""


def _draft(entry: _Entry, pause: float, notes: Notes) -> Draft:
    status = entry.status
    return Draft(
        name=entry.name,
        method=entry.method,
        url=complete(entry.url),
        headers=[
            (name, value)
            for name, value in pairs_of(entry.request.get("headers"))
            if name.lower() not in _DYNAMIC and not name.lower().startswith(("sec-", "proxy-", ":"))
        ],
        body=body_of_entry(entry.request, entry.name, notes),
        # Users have no cache of a browser, so the server will answer 200 and not 304.
        status=None if status == 304 or not entry.is_answered else status,
        pause=pause,
        follow=not 300 <= status < 400 or status == 304,
    )

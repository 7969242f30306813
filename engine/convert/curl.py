"""Convert curl commands, typed by hand or copied from a browser ("copy as cURL (bash)")."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

from ..case.nodes import SourceError
from ..request.body import FORM_TYPE
from .bodies import body_of
from .curl_options import BODY, FORM, Options, read_options
from .draft import Body, Draft, DraftCase, Field, File, TypedText, Upload
from .notes import Notes
from .shell import Command, commands

Header = tuple[str, str]
_VALUE = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|([^;]*))(.*)', re.DOTALL)


def read_curl(text: str, name: str, notes: Notes, folder: Path) -> DraftCase:
    """Return a case with a request per URL; file names in commands are relative to `folder`.

    Raises SourceError if there is no curl command in the text, or one cannot be read.
    """
    if '^"' in text:  # cmd.exe quotes in this way
        raise SourceError(1, "this is for the Windows shell", 'copy it as "cURL (bash)"')
    drafts = [draft for one in commands(text) for draft in _drafts(one, notes, folder)]
    if not drafts:
        raise SourceError(0, "there is no curl command in it")
    return DraftCase(name=name, requests=drafts)


def _drafts(command: Command, notes: Notes, folder: Path) -> Iterator[Draft]:
    words = command.words[1:] if command.words[0] == "$" else command.words
    if not words or words[0] != "curl":
        notes.add(f"{' '.join(words[:1])} is not a curl command: left out", line=command.line)
        return
    for variable in dict.fromkeys(command.variables):
        notes.add(f"${variable} is kept as text", "a shell would replace it", line=command.line)
    try:
        options = read_options(words[1:])
        for option, hint in options.told:
            notes.add(f"{option} is not converted", hint, line=command.line)
        for _, url in options.all("url"):
            yield _draft(options, url if "://" in url else f"http://{url}", folder)
    except SourceError as error:
        raise SourceError(command.line, error.what, error.hint) from None
    except OSError as error:
        raise SourceError(command.line, f"{error.filename}: {error.strerror}") from error


def _draft(options: Options, url: str, folder: Path) -> Draft:
    pieces = [_data(option, value, folder) for option, value in options.all(*BODY)]
    data = "&".join(pieces)
    if options.has("get") and pieces:
        url += ("&" if "?" in url else "?") + data
    is_body = bool(pieces) and not options.has("get")
    headers = _headers(options, is_body)
    content_type = next((v for n, v in headers if n.lower() == "content-type"), "")
    body: Body | None = body_of(data, content_type) if is_body else None
    if form := options.all(*FORM):
        body = Upload([_field(option, value, folder) for option, value in form])
    method = options.last("request") or ("HEAD" if options.has("head") else _usual(body))
    return Draft(
        name=f"{method} {urlsplit(url).path or '/'}",
        method=method,
        url=url,
        headers=headers,
        body=body,
        timeout=_seconds(options.last("max-time")),
        follow=options.has("location", "location-trusted"),
        verify=not options.has("insecure"),
    )


def _usual(body: Body | None) -> str:
    return "GET" if body is None else "POST"


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError as error:
        raise SourceError(0, f"--max-time needs a number, not {text}") from error


def _data(option: str, value: str, folder: Path) -> str:
    if option == "data-urlencode":
        return _urlencoded(value, folder)
    if not value.startswith("@") or option == "data-raw":
        return value
    text = _file_text(value[1:], folder)
    is_whole = option in ("data-binary", "json")
    # curl's -d strips line ends from files, --data-binary does not (curl(1)).
    return text if is_whole else text.replace("\n", "").replace("\r", "")


def _urlencoded(value: str, folder: Path) -> str:
    """Encode `content`, `=content`, `name=content`, `@file` or `name@file` like curl."""
    at = next((place for place, mark in enumerate(value) if mark in "=@"), None)
    if at is None:
        return quote_plus(value)
    content = value[at + 1 :] if value[at] == "=" else _file_text(value[at + 1 :], folder)
    return (f"{value[:at]}=" if at else "") + quote_plus(content)


def _file_text(name: str, folder: Path) -> str:
    try:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise SourceError(0, f"{name} is not UTF-8 text") from error


def _headers(options: Options, is_body: bool) -> list[Header]:
    found = [pair for _, line in options.all("header") if (pair := _header(line))]
    found += _short_headers(options)
    names = {line.partition(":")[0].strip().lower() for _, line in options.all("header")}
    usual = []
    if is_body:
        kind = "application/json" if options.has("json") else FORM_TYPE
        usual.append(("Content-Type", kind))
    if options.has("json"):
        usual.append(("Accept", "application/json"))
    return found + [(name, value) for name, value in usual if name.lower() not in names]


def _header(line: str) -> Header | None:
    """Return name and value of a header. As in curl, `Name;` sets an empty one.

    `Name:` removes a header of curl's own, so it gives None.
    """
    name, mark, value = line.partition(":" if ":" in line else ";")
    return (name.strip(), value.strip()) if value.strip() or mark == ";" else None


def _short_headers(options: Options) -> Iterator[Header]:
    """Yield the headers that are set by options of their own, such as --user."""
    if cookies := [value for _, value in options.all("cookie")]:
        if not all("=" in value for value in cookies):
            raise SourceError(0, "--cookie with a file", "write the cookies as name=value")
        yield "Cookie", "; ".join(cookies)
    if (user := options.last("user")) is not None:
        yield "Authorization", f"Basic {b64encode(user.encode()).decode()}"
    if (token := options.last("oauth2-bearer")) is not None:
        yield "Authorization", f"Bearer {token}"
    for option, name in (("user-agent", "User-Agent"), ("referer", "Referer")):
        if (value := options.last(option)) is not None:
            yield name, value
    if (span := options.last("range")) is not None:
        yield "Range", f"bytes={span}"


def _field(option: str, text: str, folder: Path) -> tuple[str, Field]:
    name, _, value = text.partition("=")
    if option == "form-string":
        return name, value
    mark = value[:1] if value[:1] in ("@", "<") else ""
    content, told = _value_and_options(value.removeprefix(mark))
    if mark == "@":
        return name, _file(content, told, folder)
    content = _file_text(content, folder) if mark else content
    return name, TypedText(content, told["type"]) if told.get("type") else content


def _value_and_options(text: str) -> tuple[str, dict[str, str]]:
    """Split `"value";type=a/b;filename=c` into value and options; quotes protect a semicolon."""
    match = _VALUE.fullmatch(text)
    assert match is not None
    value = match[2] if match[1] is None else re.sub(r'\\(["\\])', r"\1", match[1])
    pairs = (option.partition("=") for option in match[3].split(";"))
    return value, {key.strip(): told.strip(' "') for key, _, told in pairs}


def _file(path: str, told: dict[str, str], folder: Path) -> File:
    found = folder / path
    content = found.read_bytes() if found.is_file() else None
    return File(path, told.get("type", ""), told.get("filename", ""), content)

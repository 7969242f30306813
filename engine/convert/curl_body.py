"""Make the body of a curl command: data, a form, or a file that is uploaded."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from urllib.parse import quote_plus

from ..case.nodes import SourceError
from .curl_inputs import Inputs
from .curl_options import BODY, FORM, Options
from .draft import Field, File, TypedText, Upload
from .shell_words import MARKED

_VALUE = re.compile(r'(?:"((?:[^"\\]|\\.)*)"(?=;|\Z)|([^;]*))(.*)', re.DOTALL)
_OPTION = re.compile(r';\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))', re.DOTALL)
# The types that curl knows; any other file is application/octet-stream (lib/mime.c).
_TYPES = {"gif": "image/gif", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png"}
_TYPES |= {"svg": "image/svg+xml", "txt": "text/plain", "htm": "text/html", "html": "text/html"}
_TYPES |= {"pdf": "application/pdf", "xml": "application/xml"}
_ANY = "application/octet-stream"


def check_body(options: Options) -> None:
    """Raise SourceError for options that curl refuses to send in one request."""
    kinds = ("upload-file",), BODY, FORM, ("head",)
    given = [f"--{options.all(*kind)[0][0]}" for kind in kinds if options.has(*kind)]
    if options.has("get") and not options.has("upload-file"):
        given = [option for option in given if option != "--head"]
    if len(given) > 1:
        raise SourceError(0, f"curl does not send {' and '.join(given)} in one request")


def data_of(options: Options, inputs: Inputs) -> str | None:
    """Return what all options for data give together; None if there is none."""
    found: str | None = None
    for option, value in options.all(*BODY):
        # curl joins with "&", but it does not put one before --json (curl(1)).
        joint = "" if found is None or option == "json" else "&"
        found = f"{found or ''}{joint}{_data(option, value, inputs)}"
    return found


def query_of(options: Options, inputs: Inputs) -> str:
    """Return the query that `--url-query` adds; after a `+`, it is encoded already."""
    values = [value for _, value in options.all("url-query")]
    return "&".join(
        value[1:] if value.startswith("+") else _urlencoded(value, inputs, "--url-query")
        for value in values
    )


def _data(option: str, value: str, inputs: Inputs) -> str:
    if option == "data-urlencode":
        return _urlencoded(value, inputs, "--data-urlencode")
    if not value.startswith("@") or option == "data-raw":
        return value
    text = inputs.text(value[1:], f"--{option}")
    is_whole = option in ("data-binary", "json")
    # curl's -d strips line ends and null bytes from files, --data-binary does not (curl(1)).
    return text if is_whole else re.sub("[\r\n\0]", "", text)


def _urlencoded(value: str, inputs: Inputs, option: str) -> str:
    """Encode `content`, `=content`, `name=content`, `@file` or `name@file` like curl."""
    at = next((place for place, mark in enumerate(value) if mark in "=@"), None)
    if at is None:
        return _encoded(value)
    name, rest = value[:at], value[at + 1 :]
    content = _encoded(rest) if value[at] == "=" else quote_plus(inputs.content(rest, option))
    return (f"{name}=" if name else "") + content


def _encoded(text: str) -> str:
    """Percent-encode all but variables, whose values are not known yet."""
    pieces = re.split(f"({MARKED.pattern.replace('(', '(?:')})", text)
    return "".join(one if MARKED.fullmatch(one) else quote_plus(one) for one in pieces)


def form_of(options: Options, inputs: Inputs) -> Upload | None:
    """Return the form of `--form` and `--form-string`, or None if there is none."""
    given = options.all(*FORM)
    fields = [field for option, text in given for field in _fields(option, text, inputs)]
    return Upload(fields) if given else None


def _fields(option: str, text: str, inputs: Inputs) -> Iterator[tuple[str, Field]]:
    name, mark, value = text.partition("=")
    if not mark:
        raise SourceError(0, f"--{option} needs name=content, not {text!r}")
    if option == "form-string":
        yield name, value
        return
    kind = value[:1] if value[:1] in ("@", "<") else ""
    content, told = _value_and_options(value.removeprefix(kind), name, inputs)
    if kind == "@":
        for path in [content] if value[1:2] == '"' else content.split(","):
            yield name, _file(path, told, inputs)
        return
    content = inputs.text(content, f"--form {name}") if kind else content
    yield name, TypedText(content, told["type"]) if told.get("type") else content


def _value_and_options(text: str, name: str, inputs: Inputs) -> tuple[str, dict[str, str]]:
    """Split `"value";type=a/b;filename=c` into value and options; quotes protect a semicolon."""
    match = _VALUE.fullmatch(text)
    assert match is not None
    value = match[2] if match[1] is None else re.sub(r'\\(["\\])', r"\1", match[1])
    told = {
        option[1]: option[3].strip() if option[2] is None else option[2]
        for option in _OPTION.finditer(match[3])
    }
    for option in sorted({*told} - {"type", "filename"}):
        inputs.lost.append((f"{option} of the form's field {name!r} is not converted", ""))
    return value, told


def _file(path: str, told: dict[str, str], inputs: Inputs) -> File:
    found = inputs.folder / path
    content = found.read_bytes() if found.is_file() else None
    if path == "-":
        content = inputs.content(path, "--form")
    kind, sent = told.get("type") or _type(path), told.get("filename", "")
    if ";" in sent:
        inputs.lost.append((f"the filename {sent!r} is not converted", "a case cannot hold the ;"))
        sent = ""
    return File(path if path != "-" else "stdin", kind, sent, content)


def _type(path: str) -> str:
    """Return the type that curl sends, if it is not the one that is sent anyway."""
    sent = _TYPES.get(path.rpartition(".")[2].lower(), _ANY)
    return "" if (mimetypes.guess_type(path)[0] or _ANY) == sent else sent


def upload_of(path: str, url: str, inputs: Inputs) -> tuple[str, str]:
    """Return the content of `--upload-file` and the URL, which may need the file's name."""
    name = "-" if path == "." else path
    front, mark, query = url.partition("?")
    if front.endswith("/") and name != "-":
        front += name.replace("\\", "/").rpartition("/")[2]
    return inputs.text(name, "--upload-file"), f"{front}{mark}{query}"

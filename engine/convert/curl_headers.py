"""Make the headers of a curl command, by the rules of curl(1)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence

from ..request.body import FORM_TYPE
from .curl_inputs import Inputs
from .curl_options import CHALLENGED, Options
from .shell_words import MARKED, marked

Header = tuple[str, str]
# Headers that every request has here unless a case gives them a value.
_ALWAYS_SENT = {"accept": "Accept", "user-agent": "User-Agent"}


def headers_of(options: Options, has_data: bool, user: str | None, inputs: Inputs) -> list[Header]:
    """Return the headers that the command sets; `user` is the one of its URL."""
    given = list(_given(options, inputs))
    found = [(name, value) for name, value in given if value is not None]
    # Headers that are given, or taken away, win over those that other options make.
    names = {name.lower() for name, _ in given}
    made = [*_made(options, user, inputs), *_types(options, has_data)]
    _tell_of_removed(options, {name.lower() for name, value in given if value is None}, inputs)
    return found + [(name, value) for name, value in made if name.lower() not in names]


def _given(options: Options, inputs: Inputs) -> Iterator[tuple[str, str | None]]:
    for _, value in options.all("header"):
        lines = [value]
        if value.startswith("@"):
            lines = inputs.text(value[1:], "--header").splitlines()
        for line in lines:
            yield from _header(line)


def _header(line: str) -> Iterator[tuple[str, str | None]]:
    """Yield name and value of a header: None takes it away. `Name;` sets an empty one.

    curl ignores a line without colon.
    """
    name, mark, value = line.partition(":")
    if mark:
        yield name.strip(), value.strip() or None
    elif name.rstrip().endswith(";"):
        yield name.rstrip()[:-1].strip(), ""


def _tell_of_removed(options: Options, removed: set[str], inputs: Inputs) -> None:
    if options.last("user-agent") == "":
        removed = removed | {"user-agent"}
    for name in sorted(removed & {*_ALWAYS_SENT}):
        what = f"{_ALWAYS_SENT[name]} is sent all the same"
        inputs.lost.append((what, "a case cannot take it away"))


def _types(options: Options, has_data: bool) -> Sequence[Header]:
    if options.has("json"):
        return [("Content-Type", "application/json"), ("Accept", "application/json")]
    return [("Content-Type", FORM_TYPE)] if has_data else []


def _made(options: Options, user: str | None, inputs: Inputs) -> Iterator[Header]:
    """Yield the headers that are set by options of their own, such as --user."""
    if cookies := list(_cookies(options, inputs)):
        yield "Cookie", "; ".join(cookies)
    if authorization := _authorization(options, user, inputs):
        yield "Authorization", authorization
    if agent := options.last("user-agent"):
        yield "User-Agent", agent
    if referer := (options.last("referer") or "").removesuffix(";auto"):
        yield "Referer", referer
    if (start := options.last("continue-at")) is not None:
        yield from _continued(start, inputs)
    if (span := options.last("range")) is not None:
        yield "Range", f"bytes={span if '-' in span else f'{span}-'}"


def _continued(start: str, inputs: Inputs) -> Iterator[Header]:
    if start.isdecimal():
        yield "Range", f"bytes={start}-"
    else:
        inputs.lost.append(("--continue-at is not converted", "it depends on a local file"))


def _cookies(options: Options, inputs: Inputs) -> Iterator[str]:
    for _, value in options.all("cookie"):
        if "=" in value or MARKED.search(value):
            yield value.strip("; ")
        else:
            what = f"--cookie {value}: the cookies of a file are not converted"
            hint = "users keep the cookies of responses; write others as name=value"
            inputs.lost.append((what, hint))


def _authorization(options: Options, user: str | None, inputs: Inputs) -> str:
    if options.has(*CHALLENGED):
        return ""
    if token := options.last("oauth2-bearer"):
        return f"Bearer {token}"
    user = options.last("user") or user
    if user is None:
        return ""
    if MARKED.search(user):
        what = "the user or the password is a variable: AUTHORIZATION in .env is empty"
        inputs.lost.append((what, "write Basic and the base64 of user:password there"))
        return marked("AUTHORIZATION")
    if ":" not in user:
        what = "--user has no password: curl asks for it, and an empty one is sent here"
        inputs.lost.append((what, "write it as user:password"))
        user += ":"
    return f"Basic {b64encode(user.encode('utf-8', 'surrogatepass')).decode()}"

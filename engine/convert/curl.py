"""Convert curl commands, typed by hand or copied from a browser ("copy as cURL (bash)")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct, field

from ..case.nodes import SourceError
from .bodies import body_of
from .curl_body import check_body, data_of, form_of, query_of, upload_of
from .curl_headers import headers_of
from .curl_inputs import Inputs
from .curl_options import Options, read_options
from .draft import Body, Draft, DraftCase
from .notes import Notes
from .request_url import MOST_URLS, complete, urls_of, with_query, without_user
from .secrets import Secrets
from .shell import Command, commands
from .shell_words import MARKED
from .variables import readable, with_variables

_START = re.compile(
    r"^\s*(?:[$%] )?(?:curl(?:\.exe)?|Invoke-WebRequest|Invoke-RestMethod)\s",
    re.IGNORECASE | re.MULTILINE,
)
# Commands of a script that send nothing and change nothing for those that do.
_SILENT = {"echo", "printf", "set", "exit", "return", "fi", "done", "esac", "[", "[[", "true", ":"}
_GIVE = "give it with -e or in .env"


def is_script(text: str) -> bool:
    """Return whether a line of the text begins with curl, or with its like of PowerShell."""
    return _START.search(text) is not None


def read_curl(text: str, name: str, notes: Notes, folder: Path, secrets: Secrets) -> DraftCase:
    """Return a case with a request per URL; file names in commands are relative to `folder`.

    A command that cannot be read is left out, with a note. Raises SourceError if no request is
    left, or if the commands are for a shell of Windows.
    """
    script = _Script(notes, folder, secrets)
    drafts = [draft for one in commands(text) for draft in script.drafts(one)]
    if not drafts:
        raise script.faults[0] if script.faults else SourceError(0, "there is no curl command")
    return DraftCase(name=name, requests=drafts)


class _Script(Struct):
    """A script that is converted: its notes, its folder, and what was wrong in it."""

    notes: Notes
    folder: Path
    secrets: Secrets
    faults: list[SourceError] = field(default_factory=list)
    others: set[str] = field(default_factory=set)

    def drafts(self, command: Command) -> list[Draft]:
        """Return the requests of a command; none, with a note, if it cannot be read."""
        if not command.is_curl:
            self._tell_of_other(command)
            return []
        try:
            if command.fault is not None:
                raise command.fault
            return list(self._drafts(command))
        except SourceError as error:
            self.faults.append(SourceError(command.line, readable(error.what), error.hint))
            what = f"{readable(error.what)}: the command is left out"
            self.notes.add(what, error.hint, line=command.line)
            return []

    def _tell_of_other(self, command: Command) -> None:
        name = readable(command.words[0]) if command.words else ""
        if name and name not in {*self.others, *_SILENT}:
            self.others.add(name)
            self.notes.add(f"{name} is not a curl command: left out", line=command.line)

    def _drafts(self, command: Command) -> Iterator[Draft]:
        inputs = Inputs(self.folder, command)
        parts = list(read_options(command.words[1:], inputs))
        for options in parts:
            if options.given or options.told or len(parts) == 1:
                yield from self._part(options, inputs)

    def _part(self, options: Options, inputs: Inputs) -> Iterator[Draft]:
        check_body(options)
        urls, uploads = options.all("url"), options.all("upload-file")
        if not urls:
            raise SourceError(0, "there is no URL in it")
        for (_, pattern), upload in zip_longest(urls, uploads[: len(urls)]):
            for url in _patterned(pattern, options, inputs):
                path = upload[1] if upload else None
                draft = _draft(options, url, path, inputs)
                yield self._finished(draft, options, inputs)

    def _finished(self, draft: Draft, options: Options, inputs: Inputs) -> Draft:
        """Return the draft with its variables, after what it loses is told."""
        command = inputs.command
        told = [(f"{option} is not converted", hint) for option, hint in options.told]
        told += [
            (f"{text.splitlines()[0][:60]} is kept as text", "a shell would replace it")
            for text in dict.fromkeys(command.kept)
        ]
        finished, names = with_variables(draft, self.secrets)
        told += [(f"${name} has no value yet", _GIVE) for name in names]
        for what, hint in [*told, *inputs.lost]:
            self.notes.add(readable(what), hint, step=finished.name, line=command.line)
        inputs.lost.clear()
        return finished


def _patterned(pattern: str, options: Options, inputs: Inputs) -> list[str]:
    """Return the URLs that a pattern stands for; a wrong one stays as it is, with a note."""
    if options.has("globoff"):
        return [pattern]
    try:
        found = urls_of(pattern)
    except SourceError as error:
        inputs.lost.append((f"{error.what}: it is kept as it is", error.hint))
        return [pattern]
    if len(found) > MOST_URLS:
        what = f"the URL stands for more requests: only the first {MOST_URLS} are converted"
        inputs.lost.append((what, ""))
    return found[:MOST_URLS]


def _draft(options: Options, url: str, upload: str | None, inputs: Inputs) -> Draft:
    data, form = data_of(options, inputs), form_of(options, inputs)
    if options.has("get") and data is not None:
        url, data = with_query(url, data), None
    else:
        url = with_query(url, query_of(options, inputs))
    if upload is not None:
        text, url = upload_of(upload, url, inputs)
    url, user = without_user(complete(url))
    headers = headers_of(options, data is not None, user, inputs)
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    body: Body | None = form if data is None else body_of(data, kind)
    if upload is not None:
        body = body_of(text, kind)
    method = options.last("request") or ("HEAD" if options.has("head") else _usual(body, upload))
    if not re.fullmatch("[A-Za-z]+", MARKED.sub("X", method)):
        raise SourceError(0, f"{method!r} is not an HTTP method")
    return Draft(
        name=f"{method} {urlsplit(url).path or '/'}",
        method=method,
        url=url,
        headers=headers,
        body=body,
        timeout=_seconds(options.last("max-time"), inputs),
        follow=options.has("location", "location-trusted"),
        verify=not options.has("insecure"),
    )


def _usual(body: Body | None, upload: str | None) -> str:
    if upload is not None:
        return "PUT"
    return "GET" if body is None else "POST"


def _seconds(text: str | None, inputs: Inputs) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        inputs.lost.append((f"--max-time {text} is not a number: it is left out", ""))
        return None

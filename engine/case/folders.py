"""This module finds the files of a folder that may be cases, and says what kept others out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .hints import meant
from .nodes import Node
from .older import is_api, is_list_case, takes_arguments
from .source import BIGGEST_FILE, SUFFIXES
from .suites import is_suite

# Only files with these are parsed: a folder may hold many large files of other programs.
_MENTIONS_STEPS = re.compile(rb"teststeps|testcases|test[\"']?\s*:\s*(?:[{#&]|[\r\n])")
_MENTIONS_REQUEST = re.compile(rb"request[\"']?\s*:\s*(?:[{#&]|[\r\n])")
_MENTIONS_METHOD = re.compile(rb"method[\"']?\s*:")
_MENTIONS_FILE = re.compile(rb"(?:api|testcase)[\"']?\s*:[^\r\n#]*\.(?:ya?ml|json)\b")
# A file that cannot be parsed was meant as a case if it holds one of these.
_MEANT_AS_CASE = re.compile(
    rb"teststeps|^\s*-\s+[\"']?test[\"']?\s*:|[\"']test[\"']\s*:\s*\{|^[\"']?testcases[\"']?\s*:",
    re.MULTILINE,
)


def walk(folder: Path) -> Iterator[Path]:
    """Go through a folder in lexical order; hidden folders are left out."""
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if path.is_dir():
            # A link to a folder could lead back up without end.
            if not path.name.startswith(".") and not path.is_symlink():
                yield from walk(path)
        elif path.suffix in SUFFIXES and path.is_file():
            yield path


def mentions_steps(text: bytes) -> bool:
    """Whether a file may hold steps, so that it is parsed."""
    has_request = _MENTIONS_REQUEST.search(text) and _MENTIONS_METHOD.search(text)
    return bool(has_request or _MENTIONS_STEPS.search(text) or _MENTIONS_FILE.search(text))


def meant_as_case(text: bytes) -> bool:
    """Whether a file that cannot be parsed is a broken case, not another program's file."""
    return bool(_MEANT_AS_CASE.search(text))


def beginning(path: Path) -> bytes:
    """Return as much of a file as a case may have."""
    with path.open("rb") as file:
        return file.read(BIGGEST_FILE + 1)


def is_case_or_suite(source: Node) -> bool:
    """Whether a file of a folder is run: a case or a suite, not an API nor what is called."""
    if is_list_case(source):
        return not takes_arguments(source)
    return "teststeps" in dict(source.items()) or is_suite(source)


def why_left_out(source: Node) -> tuple[str, str] | None:
    """Return reason and hint for a file that holds steps but is not run, None for any other."""
    if _are_steps(source):
        return "a list of steps without teststeps", "put them under teststeps"
    for key, node in source.items():
        if _are_steps(node):
            return f"no teststeps, but {key} holds requests", _way_out(key)
    return None


def _way_out(key: str) -> str:
    if meant(key, ("teststeps",)):
        return f"write teststeps instead of {key}"
    # The trees of Postman collections.
    return "boomtalk convert makes cases of a collection" if key == "item" else ""


def _are_steps(node: Node) -> bool:
    return isinstance(node.value, list) and any(map(_is_step, node.value))


def _is_step(node: Node) -> bool:
    keys = dict(node.items())
    named = [keys[key].text for key in ("api", "testcase") if key in keys]
    return is_api(node) or "teststeps" in keys or any(one.endswith(SUFFIXES) for one in named)

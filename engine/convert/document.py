"""Follow the references (`$ref`) of an OpenAPI document, within it and into files beside it."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from ..case.nodes import SourceError
from ..case.yaml_source import parse_yaml
from .notes import Notes

_MOST_STEPS = 16
_LARGEST_FILE = 50_000_000
_REMOTE = re.compile(r"(?:[a-z][a-z0-9+.-]+:)?//|[a-z][a-z0-9+.-]+:", re.IGNORECASE)

Tree = Mapping[str, Any]


class Library:
    """Reads the files that a document refers to, each once.

    Only files below the document's folder or the working directory are read, and no hidden ones:
    a document from elsewhere cannot ask for the user's own files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._trees: dict[str, Any] = {}
        self._refusals: dict[str, str] = {}

    def tree(self, name: str) -> Any:
        """Return the content of a file; raises SourceError if there is none."""
        if name in self._refusals:
            raise SourceError(0, self._refusals[name])
        if name not in self._trees:
            try:
                self._trees[name] = _rebased(_parsed(self._text(name), name), name)
            except (OSError, ValueError) as error:
                self._refusals[name] = _why(error)
                raise SourceError(0, self._refusals[name]) from error
        return self._trees[name]

    def _text(self, name: str) -> str:
        path = (self._folder / unquote(name)).resolve()
        roots = (self._folder.resolve(), Path.cwd())
        root = next((root for root in roots if path.is_relative_to(root)), None)
        if root is None:
            raise ValueError("it is outside of the document's folder and the working directory")
        if any(part.startswith(".") for part in path.relative_to(root).parts):
            raise ValueError("hidden files are not read")
        if path.is_file() and path.stat().st_size > _LARGEST_FILE:
            raise ValueError("the file is too large")
        return path.read_bytes().decode("utf-8-sig")


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror}"
    return "the file is not UTF-8 text" if isinstance(error, UnicodeError) else str(error)


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text) if name.endswith(".json") else parse_yaml(text).plain()
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _rebased(tree: Any, file: str) -> Any:
    """Return the tree with references that mean the same in the document's folder."""
    if isinstance(tree, list):
        return [_rebased(item, file) for item in tree]
    if not isinstance(tree, dict):
        return tree
    return {
        key: _reference(item, file)
        if key == "$ref" and isinstance(item, str)
        else _rebased(item, file)
        for key, item in tree.items()
    }


def _reference(reference: str, file: str) -> str:
    if _REMOTE.match(reference):
        return reference
    path, _, pointer = reference.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(file), path)) if path else file
    return f"{target}#{pointer}"


class Document(Struct, frozen=True):
    """An OpenAPI document; notes tell of the references that lead nowhere."""

    tree: Tree
    library: Library
    notes: Notes

    def at(self, step: str) -> Document:
        """Return the document with notes that name a step."""
        return replace(self, notes=self.notes.of(step))

    def follow(self, node: Any) -> Tree:
        """Return the map that a node is or refers to, or an empty one if there is none.

        Keys beside a reference win, as OpenAPI 3.1 has it for schemas and all for path items.
        """
        beside: dict[str, Any] = {}
        for _ in range(_MOST_STEPS):
            if not isinstance(node, Mapping):
                return beside
            if not isinstance(reference := node.get("$ref"), str):
                return {**node, **beside} if beside else node
            beside = {key: value for key, value in node.items() if key != "$ref"} | beside
            node = self._find(reference)
        return beside

    def value(self, node: Any) -> Any:
        """Return what a node is or refers to, whatever its type; examples are kept so."""
        for _ in range(_MOST_STEPS):
            is_reference = isinstance(node, Mapping) and list(node) == ["$ref"]
            if not is_reference or not isinstance(node["$ref"], str):
                return node
            node = self._find(node["$ref"])
        return None

    def _find(self, reference: str) -> Any:
        if _REMOTE.match(reference):
            self.notes.add(f"{reference} is not fetched", "keep a copy beside the document")
            return None
        file, _, pointer = reference.partition("#")
        try:
            found = self.library.tree(posixpath.normpath(file)) if file else self.tree
        except SourceError as error:
            self.notes.add(f"{reference} is not followed: {error.what}")
            return None
        for part in pointer.removeprefix("/").split("/") if pointer else ():
            found = _item(found, unquote(part).replace("~1", "/").replace("~0", "~"))
        if found is None:
            self.notes.add(f"{reference} does not exist")
            return None
        return found


def _item(tree: Any, name: str) -> Any:
    if isinstance(tree, Mapping):
        return tree.get(name)
    is_index = isinstance(tree, list) and name.isdecimal() and int(name) < len(tree)
    return tree[int(name)] if is_index else None

"""Write an operation of an OpenAPI document as a request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from .document import Document, Tree
from .draft import Draft, Expression, Pairs
from .literal import joined
from .openapi_body import BodyWriter, content_value
from .openapi_operations import Operation
from .openapi_security import Security
from .openapi_values import pairs_of, text_of
from .secrets import Secrets

_STATUS = re.compile("[23][0-9][0-9]")
# In a case, this variable is the base of all relative URLs.
_RESERVED = ("base_url",)


class RequestWriter(Struct, frozen=True):
    """Writes one operation; values in its path become `variables` of the case."""

    document: Document
    secrets: Secrets
    operation: Operation
    variables: dict[str, Any]

    def draft(self, base_url: str) -> Draft:
        operation = self.operation
        body, content_type = BodyWriter(self.document).of(operation.tree)
        added = list(Security(self.document, self.secrets).of(operation.tree))
        headers = [(name, text) for place, name, text in added if place == "header"]
        headers += [("Content-Type", content_type)] if content_type else []
        headers += self._headers({name.lower() for name, _ in headers})
        cookies = [(n, v) for place, n, v in added if place == "cookie"] + self._pairs("cookie")
        headers += [("Cookie", joined(name, "=", text)) for name, text in cookies]
        query = self._pairs("query") + [(n, v) for place, n, v in added if place == "query"]
        self._tell_left_out()
        status = self._status()
        return Draft(
            name=operation.name,
            method=operation.method,
            url=_with_query(joined(base_url, self._path()), query),
            headers=headers,
            body=body,
            status=status,
            # A documented redirect is the answer that is checked, so it is not followed.
            follow=status is None or status < 300,
        )

    def _status(self) -> int | None:
        """Return the first good status, or else the first redirect, that is documented."""
        responses = self.document.follow(self.operation.tree.get("responses"))
        codes = sorted(int(code) for code in map(str, responses) if _STATUS.fullmatch(code))
        is_open = any(code.upper() == "2XX" for code in map(str, responses))
        return codes[0] if codes and not (is_open and codes[0] >= 300) else None

    def _path(self) -> str:
        path = self.operation.path
        pieces = re.split(r"(\{[^{}/]+\})", path if path.startswith("/") else f"/{path}")
        return joined(*(self._piece(piece) for piece in pieces))

    def _piece(self, piece: str) -> str:
        if not piece.startswith("{"):
            return piece
        parameter = self.operation.parameters.get(("path", piece[1:-1]))
        if parameter is None:
            self.document.notes.add(f"{piece} in the path is not described", "give it a value")
            return self._variable(piece[1:-1], "value")
        value = self._value(parameter)
        if isinstance(value, int) and "style" not in parameter:
            return self._variable(piece[1:-1], value)
        return self._variable(piece[1:-1], quote(text_of(parameter, value), safe=";=,.:@+~!*'()"))

    def _variable(self, name: str, value: Any) -> Expression:
        """Add a variable with this value, under a name that no other value of the case has."""
        base = re.sub(r"\W", "_", name, flags=re.ASCII)
        base = free = f"_{base}" if base[:1].isdigit() else base
        number = 1
        while free in _RESERVED or self.variables.get(free, value) != value:
            number += 1
            free = f"{base}_{number}"
        self.variables[free] = value
        return Expression(f"${{{free}}}")

    def _headers(self, given: Set[str]) -> Pairs:
        """Return the parameters in headers, without those that security or the body gives."""
        sent = ((str(one.get("name", "")), one) for one in self._sent("header"))
        wanted = ((name, one) for name, one in sent if name.lower() not in given)
        return [(name, text_of(one, self._value(one))) for name, one in wanted]

    def _pairs(self, place: str) -> list[tuple[str, str]]:
        return [pair for one in self._sent(place) for pair in pairs_of(one, self._value(one))]

    def _sent(self, place: str) -> Iterator[Tree]:
        """Yield the parameters of a place that are required or have an example."""
        for (where, _), parameter in self.operation.parameters.items():
            if where == place and (parameter.get("required") or self._is_shown(parameter)):
                yield parameter

    def _is_shown(self, parameter: Tree) -> bool:
        """Return whether there is an example, of the parameter or of its schema."""
        schema = self.document.follow(parameter.get("schema"))
        trees = (parameter, schema, self.document.follow(schema.get("items")))
        return any(tree.get(key) for tree in trees for key in ("example", "examples", "x-example"))

    def _value(self, parameter: Tree) -> Any:
        value = content_value(self.document, parameter)
        return "value" if value is None else value

    def _tell_left_out(self) -> None:
        left = [
            name
            for (place, name), parameter in self.operation.parameters.items()
            if place != "path" and not (parameter.get("required") or self._is_shown(parameter))
        ]
        if left:
            what = f"optional without an example, left out: {', '.join(left)}"
            self.document.notes.add(what)


def _with_query(url: str, query: Pairs) -> str:
    for name, value in query:
        encoded = value if isinstance(value, Expression) else quote(value, safe="")
        mark = "&" if "?" in url.partition("#")[0] else "?"
        url = joined(url, mark, quote(name, safe="[]"), "=", encoded)
    return url

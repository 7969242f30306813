"""Convert the body of a Postman request, of every mode."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from ..request.body import FORM_TYPE
from .bodies import body_of, json_body
from .draft import Body, Expression, Field, File, Form, Json, Pairs, Text, TypedText, Upload
from .literal import joined
from .postman_names import Names

_TYPES = {"json": "application/json", "xml": "application/xml", "html": "text/html"}
_TYPES["javascript"] = "application/javascript"

Tree = Mapping[str, Any]


class PostmanBody(Struct, frozen=True):
    """Converts a body; `given` is the content type that the request's headers name."""

    names: Names
    given: str

    def of(self, body: Tree) -> tuple[Body | None, str]:
        """Return the body, and the content type that Postman sends with it."""
        mode = body.get("mode")
        if body.get("disabled") or mode is None:
            return None, ""
        if mode == "raw":
            return self._raw(body)
        if mode == "urlencoded":
            pairs = pairs_of(body.get("urlencoded"), self.names)
            return (Form(pairs), FORM_TYPE) if pairs else (None, "")
        if mode == "formdata":
            fields = [
                field for one in _enabled(body.get("formdata")) for field in self._fields(one)
            ]
            return (Upload(fields), "") if fields else (None, "")
        if mode == "graphql":
            return self._graphql(body.get("graphql") or {}), "application/json"
        source = (body.get("file") or {}).get("src") if mode == "file" else None
        if mode == "file" and not source:
            return None, ""
        what = f"a body of mode {mode} is not converted"
        self.names.notes.add(f"{what}: {source}" if source else what, "write it as data")
        return None, ""

    def _raw(self, body: Tree) -> tuple[Body | None, str]:
        raw = body.get("raw") or ""
        text = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)
        language = ((body.get("options") or {}).get("raw") or {}).get("language", "text")
        kind = self.given or _TYPES.get(language, "text/plain")
        parsed = body_of(text, kind)
        if isinstance(parsed, Json):
            return Json(self.names.tree(parsed.value)), kind
        return (Text(self.names.text(text)), kind) if text else (None, "")

    def _graphql(self, body: Tree) -> Body:
        """Return the JSON that Postman sends; it replaces in the text of the variables first."""
        variables = body.get("variables") or ""
        text = variables if isinstance(variables, str) else json.dumps(variables)
        names = {key: body[key] for key in ("operationName",) if body.get(key)}
        tree = {"query": body.get("query") or "", **names}
        parsed = json_body(text)
        if parsed or not text.strip():
            return Json(self.names.tree({**tree, "variables": parsed.value if parsed else {}}))
        replaced = self.names.text(text)
        if not isinstance(replaced, Expression):
            self.names.notes.add("the GraphQL variables are not JSON: left out")
            return Json(self.names.tree({**tree, "variables": {}}))
        start = self.names.text(json.dumps(tree, ensure_ascii=False)[:-1])
        return Text(joined(start, ', "variables": ', replaced, "}"))

    def _fields(self, field: Tree) -> Iterator[tuple[str, Field]]:
        name = self.names.literal(str(field.get("key") or ""), "the field")
        kind = str(field.get("contentType") or "")
        if field.get("type") != "file":
            text = self.names.text(text_of(field.get("value")))
            yield name, TypedText(text, kind) if kind else text
            return
        sources = field.get("src") or "file"
        for source in sources if isinstance(sources, list) else [sources]:
            yield name, File(str(source), kind)


def pairs_of(items: Any, names: Names) -> Pairs:
    """Return the enabled pairs of headers or a form, in any of Postman's spellings."""
    if isinstance(items, str):
        lines = [line.partition(":") for line in items.splitlines() if line.strip()]
        return [(names.text(name.strip()), names.text(value.strip())) for name, _, value in lines]
    if isinstance(items, Mapping):
        return [(names.text(str(name)), names.text(text_of(one))) for name, one in items.items()]
    return [
        (names.text(str(item.get("key") or "").strip()), names.text(text_of(item.get("value"))))
        for item in _enabled(items)
        if item.get("key")
    ]


def text_of(value: Any) -> str:
    """Return a value of a variable or field as the text that Postman makes of it."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _enabled(items: Any) -> list[Tree]:
    return [item for item in items or () if not item.get("disabled")]

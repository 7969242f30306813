"""Turn the body that an operation describes into the body of a request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from ..request.body import FORM_TYPE
from ..values.text import to_text
from .document import Document, Tree
from .draft import Body, Field, File, Form, Json, Text, TypedText, Upload
from .schema import Samples

_BINARY = ("application/octet-stream", "image/", "audio/", "video/", "application/pdf")


def content_value(document: Document, media: Tree) -> Any:
    """Return the example of a parameter or a media type, else a value that fits its schema."""
    samples = Samples(document)
    for example in _examples(document, media.get("examples")):
        if "value" in example:
            return document.value(example["value"])
        if "externalValue" in example:
            document.notes.add(f"the example {example['externalValue']} is not read")
    if media.get("example") is not None:
        return document.value(media["example"])
    if not media.get("schema") and isinstance(media.get("content"), Mapping):
        return content_value(document, next(iter(media["content"].values()), {}))
    return samples.of(media.get("schema") or {})


def _examples(document: Document, examples: Any) -> Iterator[Tree]:
    followed = document.follow(examples)
    yield from (document.follow(one) for one in followed.values())


class BodyWriter(Struct, frozen=True):
    """Writes the body of an operation; JSON is preferred to other types."""

    document: Document

    def of(self, operation: Tree) -> tuple[Body | None, str]:
        """Return the body and its content type."""
        follow = self.document.follow
        content = follow(follow(operation.get("requestBody")).get("content"))
        if not content:
            return None, ""
        kind = next((one for one in content if "json" in one.lower()), next(iter(content)))
        media = follow(content[kind])
        return self._body("application/json" if "*" in kind else kind, media)

    def _body(self, kind: str, media: Tree) -> tuple[Body | None, str]:
        value, name = content_value(self.document, media), kind.lower()
        if "json" in name and "multipart" not in name:
            # Some authors write the example as the text of JSON.
            return Json(_read(value) if isinstance(value, str) else _or_empty(value)), kind
        if name.startswith(FORM_TYPE) and isinstance(value, Mapping):
            return Form(list(self._pairs(value))), kind
        if name.startswith("multipart/") and isinstance(value, Mapping):
            return Upload(list(self._fields(media, value))), ""
        if isinstance(value, str) and not name.startswith(_BINARY):
            return Text(value), kind
        self.document.notes.add(
            f"the body of type {kind} is not made", "write it as data, or give an example"
        )
        return None, kind

    def _pairs(self, value: Tree) -> Iterator[tuple[str, str]]:
        for name, item in value.items():
            for one in item if isinstance(item, list) else [item]:
                yield str(name), to_text(one)

    def _fields(self, media: Tree, value: Tree) -> Iterator[tuple[str, Field]]:
        schema = self.document.follow(media.get("schema"))
        encodings = self.document.follow(media.get("encoding"))
        properties = self.document.follow(schema.get("properties"))
        for name, item in value.items():
            kind = self._item(self.document.follow(properties.get(name)))
            encoding = str(self.document.follow(encodings.get(name)).get("contentType") or "")
            encoding = "" if "," in encoding or "*" in encoding else encoding
            if kind.get("format") == "binary" or "contentMediaType" in kind:
                yield str(name), File(str(name), encoding)
            elif isinstance(item, list | Mapping) or encoding:
                text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
                # OpenAPI 3, "Encoding Object": the default for maps and lists of maps.
                yield str(name), TypedText(text, encoding or "application/json")
            else:
                yield str(name), to_text(item)

    def _item(self, schema: Tree) -> Tree:
        """Return the schema of the items of a list, else the schema."""
        return self.document.follow(schema["items"]) if "items" in schema else schema


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _or_empty(value: Any) -> Any:
    return {} if value is None else value

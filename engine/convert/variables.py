"""Put expressions into a request where a script has variables without a value."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from .draft import Body, Draft, Expression, File, Form, Json, Text, TypedText, Upload
from .secrets import Secrets
from .shell_words import MARKED


def readable(text: str) -> str:
    """Return a text for people, with variables as a script has them."""
    return MARKED.sub(r"$\1", text)


def with_variables(draft: Draft, secrets: Secrets) -> tuple[Draft, list[str]]:
    """Return the draft with `${ENV(NAME)}` for each variable, and the names of these.

    They get an empty line in the `.env`.
    """
    found = _Found(secrets)
    changed = replace(
        draft,
        name=readable(draft.name),
        method=found.text(draft.method),
        url=found.text(draft.url),
        headers=[(readable(name), found.text(value)) for name, value in draft.headers],
        body=found.body(draft.body),
    )
    return changed, list(dict.fromkeys(found.names))


class _Found:
    """Replaces the marks of variables, and collects their names."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self.names: list[str] = []

    def text(self, text: str) -> str:
        if not MARKED.search(text):
            return text
        pieces = MARKED.split(text)  # the names of variables are at the odd places
        self.names += pieces[1::2]
        pieces[::2] = [piece.replace("$", "$$") for piece in pieces[::2]]
        pieces[1::2] = [self._secrets.reference(name, "") for name in pieces[1::2]]
        return Expression("".join(pieces))

    def tree(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.tree(item) for key, item in value.items()}
        return [self.tree(item) for item in value] if isinstance(value, list) else value

    def body(self, body: Body | None) -> Body | None:
        match body:
            case Text(text):
                return Text(self.text(text))
            case Json(value):
                return Json(self.tree(value))
            case Form(pairs):
                return Form([(self.text(name), self.text(value)) for name, value in pairs])
            case Upload(fields):
                return Upload([(self.text(name), self._field(value)) for name, value in fields])
        return None

    def _field(self, value: Any) -> Any:
        match value:
            case TypedText(text, kind):
                return TypedText(self.text(text), kind)
            case File():
                return value
        return self.text(value)

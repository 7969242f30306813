"""Convert Postman collections (v2.0 and v2.1) with their environment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..output.secret_names import is_secret
from ..request.body import FORM_TYPE
from .bodies import body_of
from .draft import Body, Draft, DraftCase, Field, File, Form, Json, Pairs, Text, Upload
from .literal import joined
from .notes import Notes
from .postman_auth import signed
from .postman_names import Names, variable_name
from .secrets import Secrets

_TYPES = {"json": "application/json", "xml": "application/xml", "html": "text/html"}
_PATH_VARIABLE = re.compile(r"(?<=/):([A-Za-z_][\w-]*)(?=[/?]|$)")
_SCRIPTS = {"prerequest": "pre-request script", "test": "test script"}

Tree = Mapping[str, Any]


def environment_of(tree: Tree) -> list[Tree]:
    """Return the enabled variables of an environment or globals file."""
    return [item for item in tree["values"] if item.get("enabled", True)]


def read_postman(
    tree: Tree, environment: Sequence[Tree], secrets: Secrets, notes: Notes
) -> DraftCase:
    """Return a case with all requests of a collection; step names begin with their folders."""
    variables = [one for one in tree.get("variable") or () if not one.get("disabled")]
    values = {str(one.get("key")): _text(one.get("value")) for one in (*variables, *environment)}
    collection = _Collection(Names(values, notes), secrets, notes)
    drafts = list(collection.items(tree, (), None))
    hidden = {str(one.get("key")) for one in environment if one.get("type") == "secret"}
    return DraftCase(
        name=str(tree["info"].get("name") or "collection"),
        requests=drafts,
        variables=collection.variables(values, hidden),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


@dataclass(slots=True)
class _Collection:
    """Converts one collection."""

    names: Names
    secrets: Secrets
    notes: Notes

    def items(self, folder: Tree, path: tuple[str, ...], auth: Tree | None) -> Iterator[Draft]:
        auth = folder.get("auth") or auth
        self._tell_scripts(folder, " - ".join(path) or "the collection")
        for item in folder.get("item") or ():
            inner = (*path, str(item.get("name", "")))
            if "item" in item:
                yield from self.items(item, inner, auth)
            elif "request" in item:
                self._tell_scripts(item, " - ".join(inner))
                yield self.draft(item, " - ".join(inner), auth)

    def draft(self, item: Tree, name: str, auth: Tree | None) -> Draft:
        request = item["request"]
        if isinstance(request, str):
            request = {"method": "GET", "url": request}
        added = signed(request.get("auth") or auth, self.names, self.secrets, self.notes, name)
        headers = [*self._pairs(request.get("header")), *added.headers]
        given = next((value for one, value in headers if one.lower() == "content-type"), "")
        body, kind = self._body(request.get("body") or {}, given, name)
        if kind and not given:
            headers.append(("Content-Type", kind))
        behaviour = item.get("protocolProfileBehavior") or {}
        return Draft(
            name=name,
            method=str(request.get("method") or "GET"),
            url=_with_query(self._url(request.get("url") or ""), added.query),
            headers=headers,
            body=body,
            status=next((one.get("code") for one in item.get("response") or ()), None),
            follow=behaviour.get("followRedirects") is not False,
            verify=behaviour.get("strictSSL") is not False,
        )

    def variables(self, values: Mapping[str, str], hidden: set[str]) -> dict[str, Any]:
        """Return the variables of the case: those with a value, and empty ones that are used."""
        written = {name: self.names.text(value) for name, value in values.items()}
        for name in list(self.names.missing()):
            self.notes.add(f"{{{{{name}}}}} has no value", "set it in the case's variables")
            written[name] = ""
        return {
            variable_name(name): self.secrets.reference(name, value)
            if value and (name in hidden or is_secret(name))
            else value
            for name, value in written.items()
        }

    def _tell_scripts(self, owner: Tree, step: str) -> None:
        for event in owner.get("event") or ():
            lines = (event.get("script") or {}).get("exec") or ()
            kind = _SCRIPTS.get(event.get("listen", ""))
            if kind and "".join(lines).strip():
                hint = "write a hook, an extract or a check"
                self.notes.add(f"the {kind} is not converted", hint, step=step)

    def _url(self, url: Any) -> str:
        raw = url if isinstance(url, str) else url.get("raw") or ""
        values = {} if isinstance(url, str) else dict(_enabled(url.get("variable")))
        raw = _PATH_VARIABLE.sub(lambda match: values.get(match[1]) or match[0], raw)
        if "://" not in raw and not raw.startswith("{{"):
            raw = f"http://{raw}"
        return self.names.text(raw)

    def _pairs(self, items: Any) -> Pairs:
        text = self.names.text
        if isinstance(items, str):
            lines = [line.partition(":") for line in items.splitlines() if line.strip()]
            return [(name.strip(), text(value.strip())) for name, _, value in lines]
        return [(key, text(value)) for key, value in _enabled(items)]

    def _body(self, body: Tree, given: str, step: str) -> tuple[Body | None, str]:
        """Return the body, and the content type that Postman sends with it."""
        mode = body.get("mode")
        if body.get("disabled") or mode is None:
            return None, ""
        if mode == "raw":
            return self._raw(body, given)
        if mode == "urlencoded":
            return Form(self._pairs(body["urlencoded"])), FORM_TYPE
        if mode == "formdata":
            fields = [one for one in body["formdata"] if not one.get("disabled")]
            return Upload([self._field(one) for one in fields]), ""
        if mode == "graphql":
            return self._graphql(body["graphql"]), "application/json"
        self.notes.add(f"a body of mode {mode} is not converted", "write it as data", step=step)
        return None, ""

    def _raw(self, body: Tree, given: str) -> tuple[Body | None, str]:
        text = body.get("raw") or ""
        language = ((body.get("options") or {}).get("raw") or {}).get("language", "text")
        kind = given or _TYPES.get(language, "text/plain")
        parsed = body_of(text, kind)
        if isinstance(parsed, Json):
            return Json(self.names.tree(parsed.value)), kind
        return (Text(self.names.text(text)), kind) if text else (None, "")

    def _graphql(self, body: Tree) -> Json:
        variables = body_of(body.get("variables") or "{}", "application/json")
        value = variables.value if isinstance(variables, Json) else {}
        return Json(self.names.tree({"query": body.get("query", ""), "variables": value}))

    def _field(self, field: Tree) -> tuple[str, Field]:
        if field.get("type") != "file":
            return field["key"], self.names.text(_text(field.get("value")))
        source = field.get("src") or "file"
        path = source[0] if isinstance(source, list) else source
        return field["key"], File(path, field.get("contentType") or "")


def _enabled(items: Any) -> list[tuple[str, str]]:
    return [
        (str(item.get("key", "")), _text(item.get("value")))
        for item in items or ()
        if not item.get("disabled")
    ]


def _with_query(url: str, query: Pairs) -> str:
    for name, value in query:
        url = joined(url, "&" if "?" in url else "?", quote(name), "=", value)
    return url

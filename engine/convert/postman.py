"""Convert Postman collections (v2.0 and v2.1) with their environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from ..case.nodes import SourceError
from ..output.secret_names import is_secret
from .damage import DAMAGE, reason
from .draft import Check, Draft, DraftCase, Pairs
from .literal import joined
from .notes import Notes
from .postman_auth import signed
from .postman_body import PostmanBody, pairs_of, text_of
from .postman_items import Step, constants_of, steps_of
from .postman_names import Names, variable_name
from .postman_url import BASE, base_of, url_of
from .postman_values import Variable
from .secrets import Secrets

Tree = Mapping[str, Any]


def environment_of(tree: Tree, notes: Notes) -> list[Tree]:
    """Return the enabled variables of an environment or globals file."""
    return _enabled(tree["values"], notes)


def read_postman(
    tree: Tree, environment: Sequence[Tree], secrets: Secrets, notes: Notes
) -> DraftCase:
    """Return a case with all requests of a collection; step names begin with their folders."""
    pairs = [*_enabled(tree.get("variable") or (), notes), *environment]
    values = {str(one.get("key") or one.get("id")): text_of(one.get("value")) for one in pairs}
    steps = steps_of(tree, notes)
    values |= constants_of(steps, values, notes)
    extracted = {name for step in steps for script in step.scripts for name in script.extract}
    collection = _Collection(Names(values, notes, extracted), secrets)
    drafts = list(collection.drafts(steps))
    hidden = {str(one.get("key")) for one in pairs if one.get("type") == "secret"}
    return DraftCase(
        name=str((tree.get("info") or {}).get("name") or "collection"),
        requests=drafts,
        base_url=base_of(collection.names),
        variables=collection.variables(hidden),
    )


def _enabled(items: Any, notes: Notes) -> list[Tree]:
    for item in items:
        if not isinstance(item, Mapping):
            notes.add(f"the variable {item!r} is damaged: left out")
    maps = [item for item in items if isinstance(item, Mapping)]
    return [one for one in maps if one.get("enabled", True) and not one.get("disabled")]


class _Collection(Struct, frozen=True):
    """Converts the requests of one collection, in their order."""

    names: Names
    secrets: Secrets

    def drafts(self, steps: Sequence[Step]) -> Iterator[Draft]:
        """Yield the requests; notes tell of those that are damaged."""
        for step in steps:
            names = self.names.at(step.name)
            try:
                yield self._draft(step, names)
                names.keep(step.extract)
            except DAMAGE as error:
                names.notes.add(f"left out: {reason(error)}")

    def _draft(self, step: Step, names: Names) -> Draft:
        request = step.own["request"]
        if isinstance(request, str):
            request = {"method": "GET", "url": request}
        added = signed(request.get("auth") or step.auth, names, self.secrets)
        headers = [*pairs_of(request.get("header"), names), *added.headers]
        given = next((value for one, value in headers if one.lower() == "content-type"), "")
        body, kind = PostmanBody(names, given).of(request.get("body") or {})
        if kind and not given:
            headers.append(("Content-Type", kind))
        behaviour = step.own.get("protocolProfileBehavior") or {}
        return Draft(
            name=step.name,
            method=_method(request, names),
            url=_with_query(url_of(request.get("url"), names), added.query),
            headers=headers,
            body=body,
            status=_status(step.own),
            checks=[_resolved(one, names) for script in step.scripts for one in script.checks],
            extract=step.extract,
            follow=behaviour.get("followRedirects") is not False,
            verify=behaviour.get("strictSSL") is not False,
        )

    def variables(self, hidden: set[str]) -> dict[str, Any]:
        """Return the variables of the case: those with a value, and empty ones that are used."""
        names = self.names
        written = {name: names.text(value) for name, value in names.values.items()}
        for name in names.missing():
            value = names.stand_ins.get(name, "")
            stands = f": {value} stands for it" if value else ""
            hint = "set it in the case's variables, or convert with the environment"
            names.notes.add(f"{{{{{name}}}}} has no value{stands}", hint)
            written[name] = value
        return {
            variable_name(name): self.secrets.reference(name, value)
            if value and (name in hidden or is_secret(name))
            else value
            for name, value in written.items()
            if variable_name(name) != BASE
        }


def _resolved(check: Check, names: Names) -> Check:
    if not isinstance(check.expected, Variable):
        return check
    return replace(check, expected=names.variable(check.expected.name))


def _method(request: Tree, names: Names) -> str:
    method = names.text(str(request.get("method") or "GET"))
    if not method.strip():
        raise SourceError(0, f"{str(method)!r} is not an HTTP method")
    return method


def _status(item: Tree) -> int | None:
    """Return the status of the first saved response that has one."""
    saved = [one for one in item.get("response") or () if isinstance(one, Mapping)]
    return next((one["code"] for one in saved if isinstance(one.get("code"), int)), None)


def _with_query(url: str, query: Pairs) -> str:
    for name, value in query:
        url = joined(url, "&" if "?" in url else "?", quote(name), "=", value)
    return url

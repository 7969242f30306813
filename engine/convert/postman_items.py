"""Find the requests of a Postman collection, each with what its folders add to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from .damage import DAMAGE, reason
from .notes import Notes
from .postman_body import text_of
from .postman_names import variable_name
from .postman_scripts import Script, read_script

_KINDS = {"prerequest": "pre-request script", "test": "test script"}

Tree = Mapping[str, Any]


class Step(Struct, frozen=True):
    """A request; `auth` is the nearest one, `scripts` are those that run with it, outer first.

    `name` begins with the names of the folders. `own` is the request with what is around it.
    """

    name: str
    own: Tree = field(default_factory=dict)
    auth: Tree | None = None
    scripts: tuple[Script, ...] = ()

    @property
    def extract(self) -> dict[str, str]:
        """The searches of all scripts by name of a variable."""
        pairs = [pair for script in self.scripts for pair in script.extract.items()]
        return {variable_name(name): path for name, path in pairs}


def steps_of(tree: Tree, notes: Notes) -> list[Step]:
    """Return all requests; notes tell of damaged items and of scripts that are not plain."""
    root = Step("")
    return list(_inner(tree, _within(root, tree, notes.of("the collection")), notes))


def constants_of(steps: list[Step], values: Mapping[str, str], notes: Notes) -> dict[str, str]:
    """Return the variables that scripts set to one value; notes tell of the others."""
    extracted = {name for step in steps for script in step.scripts for name in script.extract}
    found: dict[str, str] = {}
    for step in steps:
        for name, value in ((n, v) for one in step.scripts for n, v in one.constants.items()):
            text = text_of(value)
            before = values.get(name) or found.get(name, text)
            if name in extracted or before != text:
                what = f"a script sets {name} to {text!r}: not converted"
                notes.add(what, "set it in the step's variables", step=step.name)
            else:
                found[name] = text
    return found


def _inner(folder: Tree, around: Step, notes: Notes) -> Iterator[Step]:
    for at, item in enumerate(folder.get("item") or ()):
        name = _name(item, at)
        name = f"{around.name} - {name}" if around.name else name
        own = notes.of(name)
        try:
            inner = _within(replace(around, name=name), item, own)
            if "item" in item:
                yield from _inner(item, inner, notes)
            elif item.get("request"):
                yield replace(inner, own=item)
            else:
                own.add("left out: there is no request in it")
        except DAMAGE as error:
            own.add(f"left out: {reason(error)}")


def _name(item: Any, at: int) -> str:
    given = item.get("name") if isinstance(item, Mapping) else None
    return str(given).strip() if given else f"item {at + 1}"


def _within(around: Step, owner: Tree, notes: Notes) -> Step:
    """Return the step with the auth and the scripts that an item or folder adds."""
    auth = owner.get("auth") or around.auth
    scripts = (*around.scripts, *_scripts(owner, notes))
    return replace(around, auth=auth, scripts=scripts)


def _scripts(owner: Tree, notes: Notes) -> Iterator[Script]:
    events: Any = owner.get("event") or []
    for event in events if isinstance(events, list) else [events]:
        kind = _KINDS.get(event.get("listen", "")) if isinstance(event, Mapping) else None
        if kind is None or event.get("disabled"):
            continue
        script = event.get("script")
        if isinstance(script, str):
            notes.add(f"the {kind} is not in the file, only its id: {script}")
            continue
        found = read_script(_text(script))
        if kind == _KINDS["prerequest"]:
            found = _before_request(found)
        for line in found.left:
            hint = "write a hook, an extract or a check"
            notes.add(f"the {kind} is not converted: {line}", hint)
        yield found


def _text(script: Tree | None) -> str:
    lines = script.get("exec") if script else None
    return lines if isinstance(lines, str) else "\n".join(map(str, lines or ()))


def _before_request(script: Script) -> Script:
    """Return the script without what needs a response, which is not there yet."""
    left = [*script.left, *(f"set {name}" for name in script.extract)]
    return Script(constants=script.constants, left=left)

"""This module holds what the author wrote as frozen values: a Case with its Steps.

Nothing here is evaluated. `Written` carries a value that may hold `$name` and `${fn()}`
together with its place, so that a later error can name file, line, step and key.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field

from ..errors import Place


class Written(Struct, frozen=True):
    """A value as the author wrote it (str, number, bool, None, list, dict) and where."""

    value: Any
    place: Place


class Project(Struct, frozen=True):
    """The folder a case belongs to.

    `plugin` is the debugtalk.py (None if there is none); `environment` the pairs of `.env`.
    """

    root: Path
    plugin: Path | None
    environment: Mapping[str, str]


class ThinkTimeRule(Struct, frozen=True):
    """`config.think_time`: how the written pauses are turned into real ones."""

    strategy: Literal["default", "random_percentage", "multiply", "ignore"] = "default"
    low: float = 0.5
    high: float = 1.5
    factor: float = 1.0
    limit: float | None = None


class ParameterGroup(Struct, frozen=True):
    """One entry of `config.parameters`: names that vary together and where rows come from.

    `rows` is a list as written, or a string holding an expression that yields a list.
    """

    names: tuple[str, ...]
    rows: Written
    pick_order: Literal["sequential", "random", "unique"] = "sequential"


class Config(Struct, frozen=True):
    """The `config` part. `environs` already holds `.env` over the file's own entries.

    `variables_from` is an expression that gives a map of more variables; those of its names
    that are in `yielding` beat the variables written. `parameters_per` says whether under load
    each iteration takes a row, or each user keeps one.
    """

    name: Written
    place: Place
    base_url: Written | None = None
    headers: Mapping[str, Written] = field(default_factory=dict)
    variables: Mapping[str, Written] = field(default_factory=dict)
    variables_from: Written | None = None
    yielding: frozenset[str] = frozenset()
    environs: Mapping[str, Any] = field(default_factory=dict)
    parameters: tuple[ParameterGroup, ...] = ()
    parameters_limit: int = 0
    parameters_per: Literal["iteration", "user"] = "iteration"
    think_time: ThinkTimeRule = field(default_factory=ThinkTimeRule)
    request_timeout: float | None = None
    case_timeout: float | None = None
    verify: bool | None = None
    weight: int | None = None
    export: tuple[str, ...] = ()


class Hook(Struct, frozen=True):
    """One setup or teardown hook; `assign` names the variable that takes its value (v3)."""

    call: Written
    assign: str | None = None


class Validation(Struct, frozen=True):
    """One entry of `validate`: `check` and `expect` may hold expressions."""

    check: Written
    assertion: str
    expect: Written
    message: str = ""


Once = Literal["user", "run", "end"]


class Step(Struct, frozen=True, kw_only=True):
    """What all steps share. `variables` are local to the step; `loops` repeats it.

    `skip` and `skip_unless` (version 2) are conditions; either may keep the step from running.
    `variables_from` is an expression that gives a map of more variables. A step with `once` runs
    in the first iteration of each user, once before the load, or once after it. `gives` are the
    variables that later steps get from it.
    """

    name: Written
    place: Place
    variables: Mapping[str, Written] = field(default_factory=dict)
    variables_from: Written | None = None
    loops: Written | None = None
    skip: Written | None = None
    skip_unless: Written | None = None
    once: Once | None = None

    @property
    def gives(self) -> tuple[str, ...]:
        return ()


class RequestStep(Step, frozen=True, kw_only=True):
    """A `request` step, or an `api` step after its merge with the API file (`origin` "api").

    `base_url` is its own, which beats the config's. `headers_from` is an expression that gives a
    map of headers, in place of `headers`. `body_kind` says which key the author used; what it
    means on the wire is decided when the request is built. `timeout` is in seconds.
    """

    origin: Literal["request", "api"] = "request"
    method: Written
    url: Written
    base_url: Written | None = None
    params: Mapping[str, Written] = field(default_factory=dict)
    headers: Mapping[str, Written] = field(default_factory=dict)
    headers_from: Written | None = None
    cookies: Mapping[str, Written] = field(default_factory=dict)
    body_kind: Literal["none", "body", "json", "data"] = "none"
    body: Written | None = None
    upload: Mapping[str, Written] | None = None
    timeout: float | None = None
    allow_redirects: bool = True
    verify: bool | None = None
    http2: bool = False
    setup_hooks: tuple[Hook, ...] = ()
    teardown_hooks: tuple[Hook, ...] = ()
    extract: Mapping[str, Written] = field(default_factory=dict)
    validate: tuple[Validation, ...] = ()

    @property
    def gives(self) -> tuple[str, ...]:
        return tuple(self.extract)


class ReferenceStep(Step, frozen=True, kw_only=True):
    """A `testcase` step; `case` is loaded, `export` is already the union with the child's."""

    case: Case
    export: tuple[str, ...] = ()

    @property
    def gives(self) -> tuple[str, ...]:
        return self.export


class TransactionStep(Step, frozen=True, kw_only=True):
    transaction: str
    edge: Literal["start", "end"]


class ThinkTimeStep(Step, frozen=True, kw_only=True):
    """A pause; `time` is in seconds and may be an expression."""

    time: Written


class RendezvousStep(Step, frozen=True, kw_only=True):
    """A meeting point; `number` and `percent` as written, `timeout` in seconds."""

    rendezvous: str
    number: int | None = None
    percent: float | None = None
    timeout: float = 5.0


class WebSocketStep(Step, frozen=True, kw_only=True):
    """One action on the session's websocket; `timeout` in seconds."""

    action: Literal["open", "ping", "w", "r", "wr", "close"]
    url: Written
    params: Mapping[str, Written] = field(default_factory=dict)
    headers: Mapping[str, Written] = field(default_factory=dict)
    text: Written | None = None
    binary: Written | None = None
    timeout: float = 30.0
    close_status: int = 1000
    new_connection: bool = False
    setup_hooks: tuple[Hook, ...] = ()
    teardown_hooks: tuple[Hook, ...] = ()
    extract: Mapping[str, Written] = field(default_factory=dict)
    validate: tuple[Validation, ...] = ()

    @property
    def gives(self) -> tuple[str, ...]:
        return tuple(self.extract)


class Case(Struct, frozen=True):
    """One test case file, loaded with everything it references.

    `suite` is the file of the test suite that it was loaded for.
    """

    path: Path
    project: Project
    config: Config
    steps: tuple[Step, ...]
    suite: Path | None = None

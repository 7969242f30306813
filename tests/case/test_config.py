"""Test the `config` part: every key, every accepted spelling, and the messages for all others."""

from __future__ import annotations

from typing import Any

import pytest
from boomtalk.engine.case.model import ThinkTimeRule


def _config(project: Any, text: str) -> Any:
    return project.case(f"config: {text}\nteststeps: []").config


def test_every_key_of_the_config_is_read(project: Any, plain: Any) -> None:
    config = _config(
        project,
        """
  name: demo $user
  base_url: http://x
  headers: {A: 1.50, B: true, C: 007, D: , E: $token}
  variables: {user: bob, n: 1, list: [1, {a: 2}]}
  environs: {K: 1.0}
  request_timeout: 1.5
  case_timeout: 60
  verify: yes
  weight: 3
  export: [token, sid]""",
    )

    assert config.name.value == "demo $user"
    assert config.base_url.value == "http://x"
    assert plain(config.headers) == {"A": "1.50", "B": "true", "C": "007", "D": "", "E": "$token"}
    assert plain(config.variables) == {"user": "bob", "n": 1, "list": [1, {"a": 2}]}
    assert config.environs == {"K": "1.0"}
    assert (config.request_timeout, config.case_timeout) == (1.5, 60)
    assert config.verify is True
    assert config.weight == 3
    assert config.export == ("token", "sid")


def test_json_and_yaml_give_the_same_case(project: Any, plain: Any) -> None:
    json_case = project.case(
        '{"config": {"headers": {"X-Num": 5}, "verify": false}, "teststeps": [{"think_time": 1}]}',
        "case.json",
    )

    assert plain(json_case.config.headers) == {"X-Num": "5"}
    assert json_case.config.verify is False
    assert json_case.steps[0].time.value == 1


def test_older_spellings_are_accepted(project: Any, plain: Any) -> None:
    config = _config(project, "{variables: [{a: 1}, {b: 2}], timeout: 5, export: token}")

    assert plain(config.variables) == {"a": 1, "b": 2}
    assert config.request_timeout == 5
    assert config.export == ("token",)


@pytest.mark.parametrize("seconds", [0, 0.5, 30])
def test_timeouts_may_be_any_number_of_seconds(project: Any, seconds: float) -> None:
    config = _config(project, f"{{request_timeout: {seconds}, case_timeout: {seconds}, weight: 0}}")

    assert (config.request_timeout, config.case_timeout, config.weight) == (seconds, seconds, 0)


def test_each_value_knows_its_line(project: Any) -> None:
    config = _config(project, "\n  variables:\n    a: 1\n    b:\n      - 2\n  headers:\n    H: x")

    places = [config.variables["b"].place, config.headers["H"].place]
    assert [str(place) for place in places] == [
        "case.yml:4: config.variables.b",
        "case.yml:7: config.headers.H",
    ]


WRONG = [
    ("[]", "case.yml:1: config: must be a map, not a list"),
    ("{headers: {A: [1]}}", "case.yml:1: config.headers.A: must be a text, not a list"),
    ("{headers: $headers}", "case.yml:1: config.headers: must be a map, not '$headers'"),
    ("{name: [a]}", "case.yml:1: config.name: must be a text, not a list"),
    ("{request_timeout: soon}", "config.request_timeout: must be a number, not 'soon'"),
    ("{request_timeout: .nan}", "config.request_timeout: must be a number"),
    ("{request_timeout: -1}", "config.request_timeout: must be at least 0, not -1"),
    ("{weight: 2.5}", "config.weight: must be a whole number, not 2.5"),
    ("{weight: -1}", "config.weight: must be at least 0, not -1"),
    ("{verify: maybe}", "config.verify: must be true or false, not 'maybe'"),
    ("{variables: all}", "config.variables: must be a map, not 'all'"),
    ("{parameters: '${all()}'}", "must be a map, not '${all()}' (name the values, for example"),
    ("{variables: [a, b]}", "config.variables: must be a map, not a list"),
    ("{parameters: {a: []}}", "config.parameters.a: an empty list of parameters"),
    ("{parameters: {a: 5}}", "config.parameters.a: parameters must be a list"),
    (
        "{parameters: {a: [1, 2], a-b: [[3, 4]]}}",
        "config.parameters.a-b: parameter a is given twice",
    ),
    ("{parameters: {a-b: [[1]]}}", "config.parameters.a-b: row 1: 1 values for 2 names"),
    ("{parameters: {a-b: [[1, 2], 3]}}", "row 2: one value for several names"),
    ("{parameters: {a-b: [{a: 1}]}}", "row 1: no value for b, only for a"),
    ("{parameters: {user-agent: [x]}}", "row 1: one value for several names"),
    ("{parameters: {a b: [1]}}", "'a b' cannot be a parameter name"),
    ("{parameters: 5}", "config.parameters: must be a map, not 5"),
    ("{parameters_setting: {limit: x}}", "config.parameters_setting.limit: must be a number"),
]


@pytest.mark.parametrize(("config", "told"), WRONG)
def test_a_wrong_value_is_told_with_file_line_and_key(project: Any, config: str, told: str) -> None:
    (problem,) = project.problems(f"config: {config}\nteststeps: []")

    assert told in problem


def test_all_problems_of_a_file_are_told_at_once(project: Any) -> None:
    told = project.problems("""
config:
  weight: -1
  verify: maybe
teststeps:
  - name: first
    request: {url: /}
  - name: second
    request: {method: GET, url: /, http2: maybe, timeout: [1]}
    validate: [{eq: [a]}]
""")

    lines = sorted(int(line.split(":")[1]) for line in told)
    assert lines == [3, 4, 7, 9, 9, 10]


WARNED = [
    ("{varaibles: {}}", "config.varaibles: unknown key 'varaibles' (did you mean variables?)"),
    ("{Base_URL: x}", "did you mean base_url?"),
    ("{zzz: 1}", "config.zzz: unknown key 'zzz'"),
    ("{environs: {a: b, c: $d}}", "config.environs.c: environs hold plain text"),
    ("{path: x}", "config.path: path has no effect"),
    ("{ios: []}", "config.ios: ios has no effect (UI steps are not supported)"),
    ("{think_time: {strategy: Multiply}}", "unknown 'Multiply' counts as default"),
    ("{think_time: {strategy: multiply, setting: 0}}", "counts as 1"),
    (
        "{parameters_setting: {pick_order: Random}}",
        "counts as sequential (one of sequential, random, unique)",
    ),
    ("{parameters_setting: {strategy: random}}", "strategy has no effect (use pick_order)"),
    ("{parameters_setting: {limit: -3}}", "a limit of -3 counts as none"),
]


@pytest.mark.parametrize(("config", "told"), WARNED)
def test_what_has_no_effect_is_told_and_does_not_stop_the_run(
    project: Any, config: str, told: str
) -> None:
    (warning,) = project.warnings(f"config: {config}\nteststeps: []")

    assert told in warning


THINK_TIMES = [
    ("{}", ThinkTimeRule()),
    ("{strategy: default, limit: 3}", ThinkTimeRule(limit=3)),
    ("{strategy: ignore}", ThinkTimeRule("ignore")),
    ("{strategy: multiply, setting: 2}", ThinkTimeRule("multiply", factor=2)),
    ("{strategy: multiply, setting: '3', limit: 0}", ThinkTimeRule("multiply", factor=3)),
    ("{strategy: multiply}", ThinkTimeRule("multiply", factor=1)),
    ("{strategy: random_percentage}", ThinkTimeRule("random_percentage", 0.5, 1.5)),
    (
        "{strategy: random_percentage, setting: {min_percentage: 0, max_percentage: 2}, limit: 9}",
        ThinkTimeRule("random_percentage", 0, 2, limit=9),
    ),
]


@pytest.mark.parametrize(("text", "rule"), THINK_TIMES)
def test_think_time_rules(project: Any, text: str, rule: ThinkTimeRule) -> None:
    assert _config(project, f"{{think_time: {text}}}").think_time == rule


def test_parameters_take_their_order_from_the_setting(project: Any) -> None:
    config = _config(
        project,
        """
  parameters: {a: [1], b-c: [[1, 2]], d: '${P(x.csv)}', e: [1]}
  parameters_setting:
    pick_order: random
    limit: 7
    strategies: {a: {name: x, pick_order: unique}, b-c: sequential, e: {name: label}}""",
    )

    assert [(group.names, group.pick_order) for group in config.parameters] == [
        (("a",), "unique"),
        (("b", "c"), "sequential"),
        (("d",), "random"),
        (("e",), "random"),
    ]
    assert config.parameters_limit == 7
    assert config.parameters[2].rows.value == "${P(x.csv)}"


def test_parameters_may_be_a_list_of_maps(project: Any) -> None:
    config = _config(project, "{parameters: [{a: [1]}, {b: [2]}]}")

    assert [group.names for group in config.parameters] == [("a",), ("b",)]


@pytest.mark.parametrize("base", ["http://localhost:8080", "${ENV(BASE)}", "$base", ""])
def test_a_base_url_that_may_be_one_is_not_warned_of(project: Any, base: str) -> None:
    assert project.warnings(f"config: {{base_url: '{base}'}}\nteststeps: []") == []

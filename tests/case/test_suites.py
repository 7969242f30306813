"""Test how a suite's cases are made of the files that it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.case.model import Config

GET = "request: {method: GET, url: '/get?who=$who'}"
CASE = (
    "config: {name: get, variables: {who: nobody, own: 1}%s}\nteststeps: [{name: s, " + GET + "}]"
)
CORPUS = Path(__file__).parent / "older"


def _suite(project: Any, entries: str, config: str = "{name: s}", case: str = "") -> list[Config]:
    """Load a suite whose entries may name `get.yml`; return the configs of its cases."""
    project.put("get.yml", CASE % case)
    project.put("suite.yml", f"config: {config}\ntestcases: {entries}\n")
    return [case.config for case in project.load("suite.yml").cases]


def _values(config: Config) -> dict[str, Any]:
    return {name: written.value for name, written in config.variables.items()}


MAP = "{tom: {testcase: get.yml}, amy: {testcase: get.yml}}"
LIST = "[{name: tom, testcase: get.yml}, {name: amy, testcase: ./get.yml}]"
JSON = json.dumps({"tom": {"testcase": "get.yml"}, "amy": {"testcase": "/get.yml"}}, indent=1)


@pytest.mark.parametrize("entries", [MAP, LIST, JSON])
def test_each_entry_is_a_case_of_its_own_name(project: Any, entries: str) -> None:
    found = _suite(project, entries)

    assert [config.name.value for config in found] == ["tom", "amy"]
    assert [_values(config) for config in found] == [{"who": "nobody", "own": 1}] * 2


def test_a_name_in_an_entry_of_a_map_beats_its_key(project: Any) -> None:
    (config,) = _suite(project, "{key: {name: tom, testcase: get.yml}}")

    assert config.name.value == "tom"


def test_an_entry_without_a_name_keeps_that_of_the_case(project: Any) -> None:
    (config,) = _suite(project, "[{testcase: get.yml}]")

    assert config.name.value == "get"


@pytest.mark.parametrize(
    ("suite", "entry", "who"),
    [
        ("{}", "{}", "nobody"),
        ("{who: suite}", "{}", "suite"),
        ("{}", "{who: entry}", "entry"),
        ("{who: suite}", "{who: entry}", "entry"),
        ("[{who: suite}]", "[{who: entry}]", "entry"),
        ("{who: suite}", "{who: $who}", "suite"),
        ("{who: '${who}'}", "{who: $who}", "nobody"),
    ],
)
def test_an_entrys_variables_beat_the_suites_which_beat_the_cases(
    project: Any, suite: str, entry: str, who: str
) -> None:
    entries = f"[{{name: n, testcase: get.yml, variables: {entry}}}]"
    (config,) = _suite(project, entries, f"{{variables: {suite}}}")

    assert _values(config) == {"who": who, "own": 1}


@pytest.mark.parametrize(
    ("suite", "entry", "case", "used"),
    [
        ("", "", "http://case", "http://case"),
        ("", "http://entry", "http://case", "http://entry"),
        ("http://suite", "http://entry", "http://case", "http://suite"),
        ("http://suite", "", "", "http://suite"),
    ],
)
def test_the_base_url_of_the_suite_beats_all_others_as_in_version_3(
    project: Any, suite: str, entry: str, case: str, used: str
) -> None:
    def given(url: str) -> str:
        return f", base_url: '{url}'" if url else ""

    entries = f"[{{name: n, testcase: get.yml{given(entry)}}}]"
    (config,) = _suite(project, entries, f"{{name: s{given(suite)}}}", given(case))

    assert config.base_url is not None
    assert config.base_url.value == used


def test_the_parameters_of_an_entry_replace_those_of_the_same_names(project: Any) -> None:
    case = ", parameters: {who: [a], lang: [de, en]}, parameters_setting: {limit: 9}"
    given = "parameters: {who: [amy, eve]}, parameters_setting: {limit: 3, per: user}"
    one, two = _suite(
        project, f"[{{testcase: get.yml, {given}}}, {{testcase: get.yml}}]", case=case
    )

    assert {group.names: group.rows.value for group in one.parameters} == {
        ("lang",): ["de", "en"],
        ("who",): ["amy", "eve"],
    }
    assert (one.parameters_limit, one.parameters_per) == (3, "user")
    assert ([group.names for group in two.parameters], two.parameters_limit) == (
        [("who",), ("lang",)],
        9,
    )


def test_weights_of_entries_beat_those_of_cases_and_the_others_weigh_1(project: Any) -> None:
    project.put("plain.yml", CASE.replace("%s", ""))
    entries = "[{testcase: get.yml, weight: 3}, {testcase: get.yml}, {testcase: plain.yml}]"

    assert [one.weight for one in _suite(project, entries, case=", weight: 2")] == [3, 2, 1]
    assert [one.weight for one in _suite(project, LIST)] == [None, None]


def test_what_else_a_suite_or_an_entry_gives_beats_the_case(project: Any) -> None:
    case = ", verify: true, request_timeout: 1, headers: {a: '1', b: '1'}"
    suite = "{verify: false, request_timeout: 2, headers: {a: '2'}}"
    entries = "[{testcase: get.yml, request_timeout: 3, headers: {c: '3'}}]"
    (config,) = _suite(project, entries, suite, case)

    headers = {name: written.value for name, written in config.headers.items()}
    assert (config.verify, config.request_timeout) == (False, 3)
    assert headers == {"a": "2", "b": "1", "c": "3"}


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (
            "\n  tom:\n    testcase: no.yml\n",
            "suite.yml:4: testcases.tom.testcase: no file no.yml in the project folder",
        ),
        (
            "\n- name: tom\n  testcase: no.yml\n",
            "suite.yml:4: testcases.tom.testcase: no file no.yml in the project folder",
        ),
        ("[{name: tom}]", "suite.yml:2: testcases.tom.testcase: testcase needs a path"),
        ("[get.yml]", "suite.yml:2: testcases.[1]: must be a map, not 'get.yml'"),
        ("[]", "suite.yml:2: testcases: testcases is empty"),
        ("", "suite.yml:2: testcases: testcases is empty"),
        ("[{testcase: suite.yml}]", "suite.yml:2: testcases: a test suite is not a test case"),
        ("[{testcase: broken.yml}]", "broken.yml:1: step 's': request: a request needs method"),
    ],
)
def test_what_is_wrong_in_a_suite_is_told_with_its_line(
    project: Any, entries: str, told: str
) -> None:
    project.put("get.yml", CASE % "")
    project.put("broken.yml", "teststeps: [{name: s, request: {url: /}}]")

    problems = project.problems(f"config: {{name: s}}\ntestcases: {entries}", "suite.yml")
    assert problems[0].startswith(told)


def test_what_has_no_effect_in_a_suite_is_told(project: Any) -> None:
    project.put("get.yml", CASE % "")
    project.put(
        "suite.yml",
        "name: s\nconfig:\n  setup_hooks: []\ntestcases:\n- {testcase: get.yml,\n   wait: 1}\n",
    )

    assert list(map(str, project.load("suite.yml").warnings)) == [
        "suite.yml:3: config.setup_hooks: setup_hooks has no effect (write it to the first step)",
        "suite.yml:1: name: unknown key 'name'",
        "suite.yml:6: testcases.[1].wait: unknown key 'wait'",
    ]


def test_variables_from_two_expressions_are_refused(project: Any) -> None:
    project.put("get.yml", "config: {variables: '${f()}'}\nteststeps: []\n")
    told = project.problems(
        "config: {variables: '${g()}'}\ntestcases: [{name: n, testcase: get.yml}]", "suite.yml"
    )

    what = "variables come from two expressions (give each variable its own expression)"
    assert told == [f"suite.yml:2: testcases.n.testcase: {what}"]


def test_a_case_cannot_refer_to_a_suite(project: Any) -> None:
    project.put("suite.yml", f"config: {{}}\ntestcases: {LIST}\n")
    told = project.problems("teststeps: [{name: s, testcase: suite.yml}]")

    hint = "name one of its cases"
    assert told == [f"suite.yml:2: testcases: a test suite is not a test case ({hint})"]


@pytest.mark.parametrize(("name", "cases"), [("list.yml", 3), ("map.json", 2), ("bare.yaml", 1)])
def test_the_suites_of_the_corpus_load_without_a_warning(
    project: Any, name: str, cases: int
) -> None:
    loaded = project.load(str(CORPUS / "testsuites" / name))

    assert (len(loaded.cases), loaded.warnings) == (cases, ())

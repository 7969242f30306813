"""Test that cases in the forms of HttpRunner 1 and 2 load as those of today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.case.model import Case, RequestStep

GET = "request: {method: GET, url: /}"
API = "name: an api\nrequest: {method: GET, url: /users/$uid}\n"
CORPUS = Path(__file__).parent / "older"


def _values(written: Any) -> dict[str, Any]:
    return {name: one.value for name, one in written.items()}


def _listed(project: Any, *tests: str, config: str = "{name: c}") -> Case:
    """Load a list case; each of the tests is a YAML flow map."""
    steps = "".join(f"- test: {test}\n" for test in tests)
    case: Case = project.case(f"- config: {config}\n{steps}")
    return case


def test_a_list_is_a_case_with_its_config_and_steps(project: Any) -> None:
    case = project.case(
        """
- config:
    name: listed
    base_url: http://h
    variables:
      - user: tom
    output: [token]
    parameters:
      - page: [1, 2]
- test:
    name: log in
    request: {method: POST, url: /login}
    extract:
      - token: content.token
    validate:
      - {check: status_code, comparator: eq, expect: 200}
      - eq: [content.ok, true]
    setup_hooks: ["${sleep(0)}"]
    teardown_hooks: ["${sleep(0)}"]
- test:
    name: look
    variables: {page: 1}
    request: {method: GET, url: /look}
"""
    )
    login, look = case.steps

    assert (case.config.name.value, case.config.base_url.value) == ("listed", "http://h")
    assert (case.config.export, case.config.parameters[0].names) == (("token",), ("page",))
    assert _values(case.config.variables) == {"user": "tom"}
    assert (login.name.value, login.place.line) == ("log in", 10)
    assert _values(login.extract) == {"token": "content.token"}
    assert [one.assertion for one in login.validate] == ["eq", "eq"]
    assert (len(login.setup_hooks), len(login.teardown_hooks)) == (1, 1)
    assert _values(look.variables) == {"page": 1}


def test_a_list_in_json_is_the_same(project: Any) -> None:
    tree = [{"config": {"name": "c"}}, {"test": {"name": "s", "api": "api/user.yml"}}]
    project.put("api/user.yml", API)

    case = project.case(json.dumps(tree), "case.json")
    assert [(step.name.value, step.origin) for step in case.steps] == [("s", "api")]


def test_config_may_come_late_twice_or_not_at_all(project: Any) -> None:
    test = f"- test: {{name: s, {GET}}}\n"
    late = project.case(f"{test}- config: {{name: a}}\n- config: {{base_url: http://h}}\n{test}")
    none = project.case(test, "none.yml")

    assert (late.config.name.value, late.config.base_url.value) == ("a", "http://h")
    assert (len(late.steps), none.config.name.value, len(none.steps)) == (2, "none", 1)


@pytest.mark.parametrize(
    ("written", "field", "value"),
    [
        ("times: 3", "loops", 3),
        ("times: '3'", "loops", "3"),
        ("loops: 3", "loops", 3),
        ("skip: not today", "skip", "not today"),
        ("skipIf: $no", "skip", "$no"),
        ("skipUnless: '${f()}'", "skip_unless", "${f()}"),
    ],
)
@pytest.mark.parametrize("form", ["- test: {%s}", "teststeps: [{%s}]"])
def test_times_and_skips_have_their_meaning_in_both_forms(
    project: Any, form: str, written: str, field: str, value: Any
) -> None:
    case = project.case(form % f"name: s, {GET}, {written}")

    assert getattr(case.steps[0], field).value == value


@pytest.mark.parametrize(
    ("old", "field"),
    [
        ("validators: [{eq: [status_code, 200]}]", "validate"),
        ("extractors: [{a: body.a}]", "extract"),
        ("extract_binds: {a: body.a}", "extract"),
        ("variable_binds: [{a: 1}]", "variables"),
    ],
)
def test_the_names_of_version_1_are_known_in_steps_and_apis(
    project: Any, old: str, field: str
) -> None:
    project.put("api.yml", f"{GET}\n{old}\n")
    case = _listed(project, f"{{name: s, {GET}, {old}}}", "{name: a, api: api.yml}")

    assert all(len(getattr(step, field)) == 1 for step in case.steps)


def test_a_key_that_is_nearly_known_is_a_warning_in_a_list_only(project: Any) -> None:
    step = "{name: s, request: {method: GET, url: /, params: ''}, validata: [{eq: [a, 1]}]}"
    told = "validata: unknown key 'validata' (did you mean validate?)"

    (warning,) = project.warnings(f"- test: {step}\n")
    (problem,) = project.problems(f"teststeps: [{step}]\n")

    assert warning.endswith(told)
    assert problem.endswith(told)


def test_an_old_name_beside_todays_is_told(project: Any) -> None:
    told = project.warnings(f"teststeps:\n- {{name: s, {GET}, loops: 2,\n  times: 3}}\n")

    assert told == [
        "case.yml:3: step 's': times: times has no effect (loops is given, too)",
    ]


@pytest.mark.parametrize("key", ["extract", "export", "output"])
@pytest.mark.parametrize("referred", ["login.yml", "listed.yml", "listed.json"])
def test_a_reference_in_a_list_exports_names(project: Any, key: str, referred: str) -> None:
    step = f"{{name: log in, {GET}, extract: {{token: body.token}}}}"
    project.put("login.yml", f"teststeps: [{step}]")
    project.put("listed.yml", f"- test: {step}")
    tree = {"name": "s", "request": {"method": "GET", "url": "/"}}
    project.put("listed.json", json.dumps([{"config": {}}, {"test": tree}]))

    case = _listed(project, f"{{name: s, testcase: {referred}, {key}: [token]}}")
    assert (case.steps[0].export, len(case.steps[0].case.steps)) == (("token",), 1)


def test_the_shared_request_of_version_1_gives_base_url_and_headers(project: Any) -> None:
    project.put(
        "case.yml",
        "- config:\n    request:\n      base_url: http://h\n      headers: {A: 1.50}\n"
        f"      timeout: 5\n      cookies: {{a: b}}\n- test: {{name: s, {GET}}}\n",
    )
    loaded = project.load("case.yml")
    config = loaded.cases[0].config

    assert (config.base_url.value, _values(config.headers)) == ("http://h", {"A": "1.50"})
    assert config.request_timeout == 5
    assert list(map(str, loaded.warnings)) == [
        "case.yml:6: config.request.cookies: cookies has no effect (write it into the steps)"
    ]


@pytest.mark.parametrize(
    ("config", "hint"),
    [
        ("request: $shared", "write base_url and headers into the config"),
        ("setup_hooks: ['${f()}']", "write it to the first step"),
        ("teardown_hooks: ['${f()}']", "write it to the last step"),
        ("requires: [random]", "import it in debugtalk.py"),
        ("import_module_items: [random]", "import it in debugtalk.py"),
        ("function_binds: {f: lambda}", "write a function in debugtalk.py"),
    ],
)
def test_what_a_config_of_version_1_or_2_gave_without_effect_is_told(
    project: Any, config: str, hint: str
) -> None:
    (told,) = project.warnings(f"- config:\n    {config}\n- test: {{name: s, {GET}}}\n")

    key = config.partition(":")[0]
    assert told == f"case.yml:2: config.{key}: {key} has no effect ({hint})"


def test_labels_and_weights_of_tests(project: Any) -> None:
    told = project.warnings(
        f"- config: {{name: c, id: c, def: c()}}\n- test: {{name: s, {GET}, weight: 3}}\n"
    )

    hint = "it belongs to the config of a case"
    assert told == [f"case.yml:2: step 's': weight: weight has no effect ({hint})"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- config: {name: c}\n", "case.yml:1: no test in the list (add `- test:` with a step)"),
        (
            f"- test: {{name: s, {GET}}}\n- tests: {{name: s}}\n",
            "case.yml:2: tests: 'tests' is neither config nor test (write it below `- test:`)",
        ),
        (
            f"- config: {{}}\n- test:\n  name: s\n  {GET}\n",
            "case.yml:2: test: test is empty (indent what belongs to it by two more spaces)",
        ),
        ("- config:\n- test: {name: s, request: 5}\n", "case.yml:1: config: config is empty"),
        ("- config: {}\n- test: [5]\n", "case.yml:2: test: must be a map, not a list"),
        ("- config: {}\n- hello\n", "case.yml:2: must be a map, not 'hello'"),
        ("- config: {}\n- test: {name: s}\n", "case.yml:2: step 's': the step does nothing"),
    ],
)
def test_what_is_wrong_in_a_list_is_told_with_its_line(project: Any, text: str, told: str) -> None:
    assert project.problems(text)[0].startswith(told)


def test_a_problem_inside_of_a_listed_step_has_its_line_and_key(project: Any) -> None:
    told = project.problems("- config: {}\n- test:\n    name: s\n    request:\n      url: /\n")

    assert told == ["case.yml:4: step 's': request: a request needs method"]


def test_an_api_file_is_a_case_of_one_step_and_exports_what_it_extracts(project: Any) -> None:
    project.put("api/token.yml", f"{API}extract: [{{token: body.token}}, {{id: body.id}}]\n")
    (case,) = project.load("api/token.yml").cases
    (step,) = case.steps

    assert (case.config.name.value, case.config.export) == ("an api", ("token", "id"))
    assert (step.name.value, step.origin, step.url.value) == ("an api", "api", "/users/$uid")

    user = _listed(project, "{name: u, testcase: api/token.yml, variables: {uid: 1}}")
    assert user.steps[0].export == ("token", "id")


def test_a_problem_of_an_api_that_is_run_has_its_own_line_and_key(project: Any) -> None:
    told = project.problems("name: an api\nrequest:\n  url: /\n")

    assert told == ["case.yml:2: step 'an api': request: a request needs method"]


V1_APIS = """
- api:
    def: get_user($uid, $token)
    request: {method: GET, url: /users/$uid, headers: {token: $token}}
    validate: [{eq: [status_code, 200]}]
- api:
    id: reset
    request: {method: POST, url: /reset}
"""


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("get_user(1000, $token)", {"uid": 1000, "token": "$token"}),
        ("get_user($other,$token)", {"uid": "$other", "token": "$token"}),
        ("get_user('1000', abc)", {"uid": "1000", "token": "abc"}),
        ("reset()", {}),
        ("reset", {}),
    ],
)
def test_version_1_called_apis_by_name(project: Any, call: str, given: dict[str, Any]) -> None:
    project.put("debugtalk.py", "")
    project.put("api/basic.yml", V1_APIS)
    loaded_case = _listed(project, f'{{name: s, api: "{call}"}}', config="{base_url: http://h}")
    (step,) = loaded_case.steps

    assert isinstance(step, RequestStep)
    assert _values(step.variables) == given
    assert step.method.place.file == "api/basic.yml"


def test_version_1_called_cases_of_the_folder_suite_and_shared_what_they_extract(
    project: Any,
) -> None:
    project.put("debugtalk.py", "")
    project.put(
        "suite/login.yml",
        "- config: {name: l, def: 'log_in($user)'}\n"
        f"- test: {{name: s, {GET}, extract: [{{token: body.token}}]}}\n",
    )
    (step,) = _listed(project, '{name: s, suite: "log_in(tom)"}').steps

    assert (_values(step.variables), step.export) == ({"user": "tom"}, ("token",))


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ('api: "nothing(1)"', "api: nothing in the folder api is named nothing"),
        ('suite: "nothing()"', "testcase: nothing in the folder suite is named nothing"),
        ("api: nothing", "api: no file nothing in the project folder"),
        ('api: "get_user(1)"', "api: 1 arguments for get_user, it takes uid, token"),
    ],
)
def test_a_call_of_something_else_is_told(project: Any, step: str, told: str) -> None:
    project.put("debugtalk.py", "")
    project.put("api/basic.yml", V1_APIS)

    assert f"step 's': {told}" in project.problems(f"- test: {{name: s, {step}}}\n")[0]


def test_a_path_may_have_the_separators_of_windows(project: Any) -> None:
    project.put("api/user.yml", API)

    (step,) = _listed(project, r"{name: s, api: api\user.yml}").steps
    assert step.origin == "api"


@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.glob("testcases/*")))
def test_the_corpus_loads_without_a_warning(project: Any, name: str) -> None:
    loaded = project.load(str(CORPUS / "testcases" / name))

    assert (len(loaded.cases), loaded.warnings) == (1, ())

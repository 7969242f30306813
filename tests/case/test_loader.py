"""Test how files, folders, references and environments become cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.errors import CaseError, UsageError

CASE = "config: {name: %s}\nteststeps: [{name: s, request: {method: GET, url: /}}]\n"


def _names(loaded: Any) -> list[str]:
    return [case.config.name.value for case in loaded.cases]


def test_a_folder_gives_its_cases_in_lexical_order(project: Any) -> None:
    for name in ("b.yml", "a/z.yaml", "a/b.json", ".hidden.yml", "c/.d/no.yml", "a/notes.txt"):
        project.put(f"cases/{name}", CASE % name.replace("/", "-"))
    project.put("cases/a/b.json", '{"config": {"name": "json"}, "teststeps": []}')
    project.put("cases/api.yml", "name: x\nrequest: {method: GET, url: /}\n")
    project.put("cases/list.yml", "- 1\n")
    project.put("cases/template.yml", "{{ not yaml")
    project.put("cases/UPPER.YML", CASE % "upper")

    assert _names(project.load("cases")) == [".hidden.yml", "json", "a-z.yaml", "b.yml"]


def test_a_hidden_folder_that_is_named_is_walked(project: Any) -> None:
    project.put(".cases/a.yml", CASE % "a")

    assert _names(project.load(".cases")) == ["a"]


def test_a_linked_folder_is_not_walked_so_no_walk_is_endless(project: Any) -> None:
    project.put("cases/a.yml", CASE % "a")
    (project.root / "cases" / "up").symlink_to(project.root)

    assert _names(project.load("cases")) == ["a"]


def test_broken_cases_of_a_folder_are_told_all_together(project: Any) -> None:
    project.put("cases/a.yml", "teststeps: [\n")
    project.put("cases/b.yml", "teststeps: 5\n")
    project.put("cases/c.yml", "teststeps: [{name: s, request: {method: GET}}, {name: t}]\n")

    with pytest.raises(CaseError) as error:
        project.load("cases")

    told = [str(problem) for problem in error.value.problems]
    assert told[0].startswith("cases/a.yml:")
    assert told[1:] == [
        "cases/b.yml:1: teststeps: must be a list (begin each step with -)",
        "cases/c.yml:1: step 's': request: a request needs url",
        told[3],
    ]
    assert told[3].startswith("cases/c.yml:1: step 't': the step does nothing (give it one of api")


@pytest.mark.parametrize("content", ["", "[]", "name: x", "config: {}\nteststep: []", "5", "null"])
def test_a_file_that_is_named_must_be_a_case(project: Any, content: str) -> None:
    assert "case.yml" in project.problems(content)[0]


def test_a_misspelt_teststeps_is_pointed_at(project: Any) -> None:
    told = project.problems("config: {}\nTestSteps: []")

    hint = "write teststeps instead of TestSteps"
    assert told == [f"case.yml:1: teststeps: no teststeps: this is not a test case ({hint})"]


def test_empty_teststeps_and_a_forgotten_dash_are_told(project: Any) -> None:
    empty = project.problems("config: {}\nteststeps:\n")
    dash = project.problems("teststeps:\n  name: s\n  request: {method: GET, url: /}\n")

    hint = "write the steps below it, each beginning with -"
    assert empty == [f"case.yml:2: teststeps: teststeps is empty ({hint})"]
    assert dash == ["case.yml:1: teststeps: must be a list (begin each step with -)"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nope.yml", "no such file"),
        ("case.txt", "not a case file"),
        ("empty", "no test case in empty"),
    ],
)
def test_a_path_without_a_case_is_a_usage_error(project: Any, name: str, told: str) -> None:
    project.put("case.txt", CASE % "x")
    (project.root / "empty").mkdir()

    with pytest.raises(UsageError, match=told):
        project.load(name)


def test_a_case_without_steps_or_config_is_fine(project: Any) -> None:
    case = project.case("teststeps: []", "login_flow.yml")

    assert case.steps == ()
    assert case.config.name.value == "login_flow"


def test_the_root_is_the_nearest_folder_with_a_debugtalk(project: Any) -> None:
    project.put("debugtalk.py", "")
    project.put("inner/debugtalk.py", "")
    project.put("inner/deep/a.yml", CASE % "a")
    project.put("other/b.yml", CASE % "b")
    a, b = project.load("inner/deep/a.yml", "other/b.yml").cases

    assert a.project.plugin == project.root / "inner/debugtalk.py"
    assert (b.project.root, b.project.plugin) == (project.root, project.root / "debugtalk.py")


def test_a_project_file_marks_a_root_without_a_plugin(project: Any) -> None:
    project.put("debugtalk.py", "")
    project.put("inner/proj.json", "{}")
    project.put("inner/cases/a.yml", CASE % "a")
    (case,) = project.load("inner/cases/a.yml").cases

    assert (case.project.root, case.project.plugin) == (project.root / "inner", None)


def test_a_plugin_in_go_comes_before_one_in_python_however_far_up(project: Any) -> None:
    project.put("debugtalk.bin", "")
    project.put("inner/debugtalk.py", "")
    project.put("inner/a.yml", CASE % "a")
    loaded = project.load("inner/a.yml")

    used = loaded.cases[0].project
    assert (used.root, used.plugin) == (project.root, project.root / "debugtalk.bin")
    (warning,) = map(str, loaded.warnings)
    assert "debugtalk.bin is used, not" in warning
    assert "inner/debugtalk.py" in warning


def test_a_go_library_is_told_and_left(project: Any) -> None:
    project.put("debugtalk.so", "")
    project.put("a.yml", CASE % "a")
    loaded = project.load("a.yml")

    assert loaded.cases[0].project.plugin is None
    assert "debugtalk.so is ignored (build a debugtalk.bin" in str(loaded.warnings[0])


@pytest.mark.parametrize("source", ["debugtalk.go", "plugin/debugtalk.go"])
def test_go_source_that_is_not_built_is_told_with_the_command(project: Any, source: str) -> None:
    project.put("proj.json", "{}")
    project.put(source, "package main")
    project.put("cases/a.yml", CASE % "a")
    (warning,) = map(str, project.load("cases/a.yml").warnings)

    assert f"{source} is not used, because it is not built" in warning
    assert f"{source} -o " in warning.partition("hrp build ")[2]


def test_go_source_beside_its_program_or_a_debugtalk_is_not_told(project: Any) -> None:
    project.put("go/debugtalk.go", "package main")
    project.put("go/debugtalk.bin", "")
    project.put("go/a.yml", CASE % "a")
    project.put("python/debugtalk.go", "package main")
    project.put("python/debugtalk.py", "")
    project.put("python/b.yml", CASE % "b")

    assert list(project.load("go/a.yml", "python/b.yml").warnings) == []


def test_environment_pairs_are_read_as_written(project: Any) -> None:
    project.put(".env", "# c\n\nA = 1 \nB: x=y\nC=a:b\nD='q' # no comment\nexport E=1\nF=\nG=$x\n")
    (case,) = project.load(_put(project, "a.yml")).cases

    assert case.project.environment == {
        "A": "1",
        "B: x": "y",
        "C": "a:b",
        "D": "'q' # no comment",
        "export E": "1",
        "F": "",
        "G": "$x",
    }


def _put(project: Any, name: str, text: str = CASE % "a") -> str:
    project.put(name, text)
    return name


def test_a_pair_with_a_colon_is_split_there(project: Any) -> None:
    project.put(".env", "HOST: 127.0.0.1:80\n")
    (case,) = project.load(_put(project, "a.yml")).cases

    assert case.project.environment == {"HOST": "127.0.0.1:80"}


def test_flag_beats_file_beats_dot_env_beats_environs(project: Any) -> None:
    project.put(".env", "A=dot\nB=dot\n")
    project.put("other.env", "A=file\nC=file\n")
    text = "config: {environs: {A: own, D: 1.50}}\nteststeps: []"
    options = {"env": {"A": "flag"}, "env_file": Path("other.env")}
    (plain,) = project.load(_put(project, "a.yml", text)).cases
    (given,) = project.load("a.yml", **options).cases

    assert plain.config.environs == {"A": "dot", "B": "dot", "D": "1.50"}
    assert given.config.environs == {"A": "flag", "C": "file", "D": "1.50"}


def test_a_base_url_of_the_environment_counts_unless_it_is_empty(project: Any) -> None:
    project.put(".env", "base_url=\n")
    (case,) = project.load(_put(project, "a.yml")).cases
    project.put(".env", "base_url=http://x\n")
    (other,) = project.load("a.yml").cases

    assert "base_url" not in case.config.environs
    assert other.config.environs["base_url"] == "http://x"


def test_a_line_of_the_environment_that_is_no_pair_is_told(project: Any) -> None:
    project.put(".env", "A=1\nnonsense\n=x\n")

    assert project.problems(CASE % "a") == [
        ".env:2: not a pair (write KEY=value)",
        ".env:3: not a pair (write KEY=value)",
    ]


def test_a_missing_environment_file_that_was_asked_for_is_told(project: Any) -> None:
    with pytest.raises(CaseError, match="No such file"):
        project.load(_put(project, "a.yml"), env_file=Path("nope.env"))


def test_a_reference_is_loaded_with_all_it_refers_to(project: Any) -> None:
    project.put("debugtalk.py", "")
    project.put("cases/a.yml", "teststeps: [{name: ref, testcase: cases/b.yml, export: [x]}]")
    project.put("cases/b.yml", "config: {output: [t, x]}\nteststeps: [{testcase: /cases/c.yml}]")
    project.put("cases/c.yml", CASE % "deepest")
    (case,) = project.load("cases/a.yml").cases
    step = case.steps[0]

    assert step.export == ("x", "t")
    assert step.case.steps[0].case.config.name.value == "deepest"
    assert step.case.steps[0].name.value == "deepest"


def test_a_case_may_be_written_inside_a_step(project: Any) -> None:
    step = project.step(
        "{name: in, testcase: {config: {base_url: 'http://x'}, teststeps: [{think_time: 1}]}}"
    )

    assert step.case.config.base_url.value == "http://x"
    assert len(step.case.steps) == 1


def test_references_in_a_circle_are_shown(project: Any) -> None:
    project.put("a.yml", "teststeps:\n  - {testcase: b.yml}")
    project.put("b.yml", "teststeps:\n  - {testcase: a.yml}")

    told = "b.yml:2: step '#1': testcase: the references go in a circle: a.yml -> b.yml -> a.yml"
    with pytest.raises(CaseError) as error:
        project.load("a.yml")
    assert str(error.value) == told


def test_a_case_that_refers_to_itself_is_refused(project: Any) -> None:
    assert (
        "circle: case.yml -> case.yml" in project.problems("teststeps: [{testcase: case.yml}]")[0]
    )


def test_the_same_case_may_be_referred_to_twice(project: Any) -> None:
    project.put("b.yml", CASE % "b")
    case = project.case("teststeps: [{testcase: b.yml}, {testcase: b.yml}]")

    assert len(case.steps) == 2


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("testcase: nope.yml", "no file nope.yml in the project folder"),
        ("testcase: ../out.yml", "leads out of the project folder"),
        ("testcase: link.yml", "leads out of the project folder"),
        ("api: notes.txt", "neither YAML nor JSON"),
        ("api: nope.yml", "no file nope.yml"),
        ("testcase: 5", "needs a path"),
        ("api: ", "needs a path"),
        ("testcase: sub", "not a plain file"),
        (f"testcase: {'x' * 300}.yml", "cannot be a file"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(project: Any, reference: str, told: str) -> None:
    (project.root / "sub").mkdir()
    (project.root / "link.yml").symlink_to("/etc/hostname")
    project.put("notes.txt", "")

    assert told in project.problems(f"teststeps:\n  - {{name: s, {reference}}}")[0]


def test_a_problem_inside_a_referenced_file_names_that_file(project: Any) -> None:
    project.put("b.yml", "teststeps:\n  - name: x\n    request:\n      url: /\n")
    told = project.problems("teststeps: [{testcase: b.yml}, {testcase: b.yml}]")

    assert told == ["b.yml:3: step 'x': request: a request needs method"]


API = """
name: from api
variables: {own: 1, shared: 2, kept: 3}
request: {method: POST, url: /api, json: {a: $own}}
setup_hooks: ["${one()}", "${two()}"]
extract: {a: body.a, b: body.b}
validate:
  - eq: [status_code, 200]
  - lt: [status_code, 300]
  - eq: [body.ok, true]
"""


def test_a_step_is_merged_over_its_api(project: Any, plain: Any) -> None:
    project.put("api/post.yml", API)
    case = project.case("""
teststeps:
  - api: api/post.yml
    variables: {shared: 9, kept: $kept}
    setup_hooks: ["${zero()}", "${two()}"]
    extract: {b: body.other}
    validate: [{eq: [status_code, 201]}]
""")
    step = case.steps[0]

    assert (step.origin, step.name.value, step.url.value) == ("api", "from api", "/api")
    assert plain(step.variables) == {"own": 1, "shared": 9, "kept": 3}
    assert plain(step.extract) == {"a": "body.a", "b": "body.other"}
    assert [hook.call.value for hook in step.setup_hooks] == ["${zero()}", "${two()}", "${one()}"]
    assert [(one.check.value, one.assertion, one.expect.value) for one in step.validate] == [
        ("status_code", "eq", 201),
        ("body.ok", "eq", True),
    ]


def test_an_api_written_inside_a_step_counts_like_a_file(project: Any) -> None:
    step = project.step("{name: s, api: {request: {method: GET, url: /}, validate: {eq: [a, b]}}}")

    assert (step.name.value, step.method.value, len(step.validate)) == ("s", "GET", 1)


def test_a_request_beside_an_api_has_no_effect_and_is_told(project: Any) -> None:
    project.put("api.yml", API)
    text = "teststeps: [{api: api.yml, request: {method: GET, url: /mine}}]"

    assert "request has no effect" in project.warnings(text)[0]
    assert project.load("case.yml").cases[0].steps[0].url.value == "/api"


def test_a_symlinked_project_is_one_project(project: Any) -> None:
    project.put("real/debugtalk.py", "")
    project.put("real/a.yml", "teststeps: [{testcase: b.yml}]")
    project.put("real/b.yml", CASE % "b")
    (project.root / "link").symlink_to("real")

    assert project.load("link/a.yml").cases[0].steps[0].case.config.name.value == "b"

"""Test that all mistakes in names are reported together before the first request."""

from __future__ import annotations

import asyncio

import pytest
from boomtalk.engine import CaseError, Load, RunSettings, load_cases, run_load

from .bench import Bench, Plugins

BROKEN = """
config:
  name: c
  base_url: http://127.0.0.1:1
  variables: {token: t, derived: $nowhere}
teststeps:
  - name: first
    variables: {own: $missing_variable}
    request:
      method: GET
      url: /$missing_url
      params: {q: $missing_param}
      headers: {H: $missing_header}
      cookies: {c: $missing_cookie}
      json: {deep: [$missing_body]}
    setup_hooks: ["${str($missing_hook)}"]
    extract: {id: "body.$missing_extract"}
    validate:
      - eq: [status_code, $missing_expect]
      - eq: ["body.$missing_check", 1]
  - name: second
    loops: $missing_loops
    skip: $missing_skip
    think_time: $missing_time
  - name: third
    websocket: {type: open, url: "/$missing_socket"}
  - name: fourth
    testcase: child.yml
    variables: {given: $missing_given}
"""
CHILD = """
config: {name: child}
teststeps:
  - {name: inner, request: {method: GET, url: "/$missing_child/$given/$token/$id"}}
"""


def problems_of(bench: Bench, case: str) -> list[str]:
    path = bench.write("case.yml", case)
    cases = load_cases([path]).cases
    with pytest.raises(CaseError) as caught:
        asyncio.run(run_load(cases, Load(iterations=1), plugins=Plugins(bench.functions)))
    return [str(problem) for problem in caught.value.problems]


def test_every_undefined_name_is_told_at_once_with_its_place(bench: Bench) -> None:
    bench.write("child.yml", CHILD)
    problems = problems_of(bench, BROKEN)
    names = "variable url param header cookie body hook extract expect check"
    for name in [*names.split(), "loops", "skip", "time", "socket", "given", "child"]:
        told = [one for one in problems if f"$missing_{name} is not defined" in one]
        assert len(told) == 1, (name, problems)
    assert len([one for one in problems if "$nowhere" in one]) == 1
    assert any("case.yml:13: step 'first': request.headers.H:" in one for one in problems), problems
    # The child knows the parent's variables, and values extracted before it.
    assert len(problems) == 17


def test_a_near_name_is_offered(bench: Bench) -> None:
    (problem,) = problems_of(
        bench,
        """
        config: {name: c, variables: {session_id: 1}}
        teststeps: [{name: s, request: {method: GET, url: "http://127.0.0.1:1/$sesion_id"}}]
        """,
    )
    assert "did you mean session_id?" in problem


def test_a_name_is_known_only_after_the_step_that_extracts_it(bench: Bench) -> None:
    (problem,) = problems_of(
        bench,
        """
        config: {name: c, base_url: http://127.0.0.1:1}
        teststeps:
          - {name: use, request: {method: GET, url: /$id}}
          - {name: take, request: {method: GET, url: /}, extract: {id: body.id}}
          - {name: again, request: {method: GET, url: /$id}}
        """,
    )
    assert "step 'use'" in problem


def test_what_a_hook_sets_is_not_there_yet_when_the_request_is_built(bench: Bench) -> None:
    (problem,) = problems_of(
        bench,
        """
        config: {name: c, base_url: http://127.0.0.1:1}
        teststeps:
          - name: s
            setup_hooks: [{late: "${str(1)}"}]
            request: {method: GET, url: /$late}
            validate: [{eq: [$late, "1"]}]
        """,
    )
    assert "$late is not defined" in problem


def test_a_data_file_that_is_missing_is_told_before_the_load(bench: Bench) -> None:
    (problem,) = problems_of(
        bench,
        """
        config: {name: c, parameters: {id: "${P(ids.csv)}"}}
        teststeps: [{name: s, request: {method: GET, url: "http://127.0.0.1:1/$id"}}]
        """,
    )
    assert "ids.csv" in problem


def test_a_reference_in_a_project_of_its_own_has_the_functions_of_that_project(
    bench: Bench,
) -> None:
    bench.functions = {"only_here": lambda: "x"}
    bench.write("debugtalk.py", "")
    bench.write("inner/proj.json", "{}")
    bench.write(
        "inner/child.yml",
        """
        config: {name: child}
        teststeps: [{name: s, request: {method: GET, url: "http://127.0.0.1:1/${only_here()}"}}]
        """,
    )
    (problem,) = problems_of(
        bench, "config: {name: c}\nteststeps: [{name: call, testcase: inner/child.yml}]"
    )
    assert "unknown function only_here" in problem


BASES = ["127.0.0.1:8080", "example.com", "//example.com", "localhost/api"]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("url", ["/a", "a?b=1", "/a/$id"])
def test_a_base_url_without_a_scheme_is_told_where_it_stands(
    bench: Bench, base: str, url: str
) -> None:
    problems = problems_of(
        bench,
        f"""
        config: {{name: c, base_url: "{base}", variables: {{id: 1}}}}
        teststeps:
          - {{name: s, request: {{method: GET, url: "{url}"}}}}
          - {{name: t, request: {{method: GET, url: "{url}"}}}}
        """,
    )
    assert f"config.base_url: base_url '{base}' has no scheme (write http://" in problems[0]
    assert problems[0].startswith("case.yml:2:")
    assert len([one for one in problems if "has no scheme" in one]) == 1


def test_a_base_url_that_no_url_needs_is_no_problem(bench: Bench) -> None:
    case = """
    config: {name: c, base_url: nowhere}
    teststeps: [{name: s, request: {method: GET, url: "$URL/"}}]
    """
    assert bench.row(case).passed


def test_a_base_url_of_a_step_or_of_the_command_counts_before_that_of_the_config(
    bench: Bench,
) -> None:
    case = """
    config: {name: c, base_url: nowhere}
    teststeps: [{name: s, variables: {base_url: $URL}, request: {method: GET, url: /}}]
    """
    assert bench.row(case).passed
    bench.write("case.yml", case.replace("variables: {base_url: $URL}, ", ""))
    cases = load_cases([bench.root / "case.yml"]).cases
    asyncio.run(
        run_load(
            cases,
            Load(iterations=1),
            RunSettings(base_url="http://127.0.0.1:1"),
            plugins=Plugins(),
        )
    )


def test_a_missing_file_of_an_upload_is_told(bench: Bench) -> None:
    bench.write("there.txt", "x")
    bench.write(".env", "A=secret-value")
    problems = problems_of(
        bench,
        """
        config: {name: c, variables: {name: nowhere.txt}}
        teststeps:
          - name: s
            request:
              method: POST
              url: http://127.0.0.1:1/
              upload: {a: "@nowhere.txt", b: "@there.txt", c: "@.env", d: "@$name", e: nowhere.txt}
        """,
    )
    assert [problem.partition(": upload of ")[2][:2] for problem in problems] == ["a:", "c:"]
    place = "case.yml:8: step 's': request.upload.a"
    assert problems[0].startswith(f"{place}: upload of a: nowhere.txt: no such file")


def test_what_a_plugin_function_cannot_be_given_is_told_wherever_it_is_called(
    bench: Bench,
) -> None:
    bench.write("debugtalk.py", "")
    bench.functions = {"sign": lambda user, key: user, "even": lambda one: True}
    problems = problems_of(
        bench,
        """
        config: {name: c, base_url: "http://127.0.0.1:1", variables: {v: "${sign(1)}"}}
        teststeps:
          - name: s
            variables: {w: "${sign(1, 2, 3)}"}
            request: {method: GET, url: "/${sign()}"}
            setup_hooks: ["${sign(key=1)}"]
            validate: [{even: [status_code, 1]}]
        """,
    )
    told = [problem.partition("sign(...): ")[2] for problem in problems if "sign(" in problem]
    assert sorted(told) == [
        "missing a required argument: 'key'",
        "missing a required argument: 'user'",
        "missing a required argument: 'user'",
        "too many positional arguments",
    ]
    assert any("even(...): too many positional arguments" in problem for problem in problems)

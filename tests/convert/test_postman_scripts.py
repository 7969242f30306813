"""Test that plain scripts of Postman become checks and extractions, and that the rest is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.hrp.recording import recording

from .sending import cases_of, notes_of, sent
from .test_postman import collection, item, pairs, raw


def with_script(*lines: str, listen: str = "test", **parts: Any) -> str:
    event = [{"listen": listen, "script": {"exec": list(lines)}}]
    return collection(item("a", "http://h/a", event=event), **parts)


def step_of(*lines: str) -> dict[str, Any]:
    (case,) = cases_of(with_script(*lines)).values()
    assert notes_of(with_script(*lines)) == ""
    (step,) = case["teststeps"]
    assert isinstance(step, dict)
    return step


STATUS = [
    "pm.response.to.have.status(201);",
    "pm.test('made', function () {\n    pm.response.to.have.status(201);\n});",
    "pm.test('made', () => pm.response.to.have.status(201))",
    "pm.test(`made`, async () => { pm.expect(pm.response.code).to.equal(201) })",
    "pm.expect(pm.response.code).to.eql(201); // a comment",
    "pm.expect(201).to.eql(pm.response.code)",
    "pm.expect(pm.response.code === 201).to.be.true",
    "pm.response.to.have.status('Created')",
    "tests['made'] = responseCode.code === 201;",
    "tests['made'] = responseCode.code == 201",
    "const made = responseCode.code === 201; tests.made = made;",
    "pm.expect(pm.response.status).to.equal('Created')",
    "/* all */ console.log('x');\npm.expect(pm.response.code)\n  .to.be\n  .equal(201);",
]


@pytest.mark.parametrize("line", STATUS)
def test_a_status_in_any_spelling_is_checked(line: str) -> None:
    assert step_of(line)["validate"] == [{"eq": ["status_code", 201]}]


JSON = "var j = pm.response.json();"
CHECKS: list[tuple[str, list[Any]]] = [
    (f"{JSON} pm.expect(j.a.b).to.eql('x')", [{"eq": ["body.a.b", "x"]}]),
    ("pm.expect(JSON.parse(responseBody).n).to.equal(5)", [{"eq": ["body.n", 5]}]),
    (f"{JSON} pm.expect(j['a-b'][0]).to.deep.equal([1])", [{"eq": ['body."a-b"[0]', [1]]}]),
    (f"{JSON} pm.expect(j.a).to.not.equal(null)", [{"ne": ["body.a", None]}]),
    (f"{JSON} pm.expect(j.a).to.be.a('string')", [{"eq": ["type(body.a)", "string"]}]),
    (f"{JSON} pm.expect(j.list.length).to.be.above(0)", [{"gt": ["length(body.list)", 0]}]),
    (f"{JSON} pm.expect(j.list).to.have.lengthOf(2)", [{"len_eq": ["body.list", 2]}]),
    (f"{JSON} pm.expect(j).to.have.property('a', 1)", [{"eq": ["body.a", 1]}]),
    (f"{JSON} pm.expect(j.a).to.match(/^x+$/i)", [{"regex_match": ["body.a", "(?i)^x+$$"]}]),
    (f"{JSON} pm.expect(j.ok).to.be.true", [{"eq": ["body.ok", True]}]),
    (f"{JSON} tests['a'] = j.cost !== '$5'", [{"ne": ["body.cost", "$$5"]}]),
    (
        f"{JSON} pm.expect(j).to.have.property('a').that.is.an('array')",
        [{"eq": ["contains(keys(body), 'a')", True]}, {"eq": ["type(body.a)", "array"]}],
    ),
    ("pm.expect(pm.response.responseTime).to.be.below(200)", [{"lt": ["elapsed", 200]}]),
    ("tests['fast'] = responseTime < 200", [{"lt": ["elapsed", 200]}]),
    (
        "pm.expect(pm.response.headers.get('X-A')).to.include('b')",
        [{"contains": ['headers."X-A"', "b"]}],
    ),
    ("pm.response.to.have.header('X-A', 'b')", [{"eq": ['headers."X-A"', "b"]}]),
    ("tests['word'] = responseBody.has('tea')", [{"contains": ["to_string(body)", "tea"]}]),
]


@pytest.mark.parametrize(("line", "checks"), CHECKS)
def test_a_comparison_becomes_a_check(line: str, checks: list[Any]) -> None:
    assert step_of(line)["validate"] == [{"lt": ["status_code", 400]}, *checks]


SETS = [
    "pm.environment.set('x', pm.response.json().a.b);",
    "pm.collectionVariables.set('x', JSON.parse(responseBody).a.b)",
    "postman.setEnvironmentVariable('x', JSON.parse(responseBody).a.b);",
    "let j = pm.response.json(); pm.globals.set(\"x\", j['a'].b)",
    "const { a } = pm.response.json();\npm.environment.set('x', a.b)",
    "var j = JSON.parse(pm.response.text())\nvar a = j.a || {}\npm.variables.set('x', a?.b)",
    "try { pm.environment.set('x', pm.response.json().a.b) } catch (e) { console.log(e) }",
    "pm.test('keeps', () => { const j = pm.response.json(); pm.environment.set('x', j.a.b); });",
    "pm.environment.set('x', String(pm.response.json().a.b))",
]


@pytest.mark.parametrize("line", SETS)
def test_a_variable_that_is_set_from_the_response_is_extracted(line: str) -> None:
    assert step_of(line)["extract"] == {"x": "body.a.b"}


@pytest.mark.parametrize(
    "line",
    [
        "for (let i = 0; i < 3; i++) { tests['a' + i] = true; }",
        "pm.environment.set('x', pm.response.json().a.split(' ')[1])",
        "pm.environment.set('x', 'Bearer ' + pm.response.json().a)",
        "pm.sendRequest('http://h', (error, r) => { console.log(r) })",
        "postman.setNextRequest('b')",
        "if (pm.response.json().a) { pm.environment.set('x', pm.response.json().a) }",
        "pm.expect(pm.response.json().a).to.be.jsonSchema({})",
        "pm.response.to.have.status(201",
    ],
)
def test_anything_else_is_told_with_its_step(line: str) -> None:
    notes = notes_of(with_script("pm.expect(pm.response.code).to.eql(200);", line))

    (note,) = notes.splitlines()
    assert note.startswith("source: step 'a': the test script is not converted: ")
    assert line[:20] in note


def test_a_block_is_always_run_if_its_condition_is_checked() -> None:
    step = step_of(
        "pm.response.to.have.status(200);",
        "if (pm.response.code === 200) { pm.environment.set('x', pm.response.json().a) }",
    )

    assert step["extract"] == {"x": "body.a"}


def test_scripts_of_folders_hold_for_all_their_requests() -> None:
    event = [{"listen": "test", "script": {"exec": ["pm.response.to.have.status(200);"]}}]
    folder = {"name": "f", "item": [item("a", "http://h/a"), item("b", "http://h/b")]}
    (case,) = cases_of(collection({**folder, "event": event}, item("c", "http://h/c"))).values()

    checks = [step["validate"][0] for step in case["teststeps"]]
    assert checks == [{"eq": ["status_code", 200]}] * 2 + [{"lt": ["status_code", 400]}]


def test_a_value_that_is_set_before_the_request_becomes_a_variable() -> None:
    text = with_script("pm.environment.set('who', 'tom');", listen="prerequest")
    (case,) = cases_of(text).values()

    assert case["config"]["variables"] == {"who": "tom"}
    other = with_script("pm.environment.set('who', now());", listen="prerequest")
    assert "step 'a': the pre-request script is not converted" in notes_of(other)


def test_a_script_that_is_only_an_id_is_told() -> None:
    text = collection(item("a", "http://h/a", event=[{"listen": "test", "script": "id-1"}]))

    assert "step 'a': the test script is not in the file, only its id: id-1" in notes_of(text)


def test_what_one_request_keeps_the_next_one_sends(tmp_path: Path) -> None:
    script = [
        "pm.environment.set('id', pm.response.json().items[0].id);",
        "pm.expect(pm.response.code).to.eql(200);",
    ]
    event = [{"listen": "test", "script": {"exec": script}}]
    with recording() as recorder:
        first = item("log in", f"{recorder.url}/login", method="POST", event=event)
        second = item(
            "use",
            f"{recorder.url}/get?id={{{{id}}}}",
            method="POST",
            header=pairs(**{"X-{{id}}": "{{id}}"}),
            body=raw('{"text": "{{id}}", "n": 1}', "json"),
        )
        (tmp_path / "s.json").write_text(collection(first, second))
        found = sent(recorder, tmp_path, "s.json")

    use = found.requests[1]
    assert (use.target, use.header("x-7")) == ("/get?id=7", "7")
    assert json.loads(use.body) == {"text": "7", "n": 1}
    assert "note" not in found.converted.err

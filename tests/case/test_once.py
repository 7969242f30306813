"""Test the key `once` of a step: its words, the steps that may have it, and its place in errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from boomtalk.engine import CaseError, load_cases

SENDING = {
    "request": "request: {method: GET, url: /}",
    "api": "api: {request: {method: GET, url: /}}",
    "testcase": "testcase: {teststeps: [{request: {method: GET, url: /}}]}",
    "websocket": "websocket: {type: open, url: /ws}",
}
OTHERS = {
    "think_time": "think_time: 1",
    "transaction": "transaction: {name: t, type: start}",
    "rendezvous": "rendezvous: {name: r}",
}


def case_with(folder: Path, step: str, once: str) -> Path:
    path = folder / "case.yml"
    path.write_text(
        f"config: {{name: c, base_url: 'http://h'}}\nteststeps:\n"
        f"  - name: prepare\n    once: {once}\n    {step}\n"
    )
    return path


@pytest.mark.parametrize("once", ["user", "run", "end"])
@pytest.mark.parametrize("kind", SENDING)
def test_each_step_that_sends_something_may_be_once(tmp_path: Path, kind: str, once: str) -> None:
    loaded = load_cases([case_with(tmp_path, SENDING[kind], once)])

    assert [step.once for step in loaded.cases[0].steps] == [once]
    assert loaded.warnings == ()


@pytest.mark.parametrize("kind", OTHERS)
def test_a_step_that_sends_nothing_cannot_be_once(tmp_path: Path, kind: str) -> None:
    with pytest.raises(CaseError) as error:
        load_cases([case_with(tmp_path, OTHERS[kind], "user")])

    assert "case.yml:4: step 'prepare': once" in str(error.value)
    assert f"a {kind} step cannot be once" in str(error.value)
    assert "request, api, testcase or websocket" in str(error.value)


@pytest.mark.parametrize("word", ["always", "users", "true", "3", "[user]", "{user: 1}"])
def test_another_word_is_told_with_its_place_and_the_right_ones(tmp_path: Path, word: str) -> None:
    with pytest.raises(CaseError) as error:
        load_cases([case_with(tmp_path, SENDING["request"], word)])

    assert "case.yml:4: step 'prepare': once" in str(error.value)
    assert "one of user, run, end" in str(error.value) or "did you mean" in str(error.value)


def test_without_a_word_a_step_runs_each_time(tmp_path: Path) -> None:
    (case,) = load_cases([case_with(tmp_path, SENDING["request"], "")]).cases

    assert case.steps[0].once is None


def test_an_api_cannot_say_when_its_step_runs(tmp_path: Path) -> None:
    (tmp_path / "proj.json").write_text("{}")
    (tmp_path / "api.yml").write_text("once: user\nrequest: {method: GET, url: /}\n")
    loaded = load_cases([case_with(tmp_path, "api: api.yml", "run")])

    assert [step.once for step in loaded.cases[0].steps] == ["run"]
    (warning,) = loaded.warnings
    assert "api.yml:1" in str(warning)
    assert "once has no effect (write it on the step that uses the API)" in str(warning)

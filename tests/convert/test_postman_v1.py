"""Test the conversion of Postman collections of version 1."""

from __future__ import annotations

import json

from .sending import cases_of, notes_of


def request(name: str, **parts: object) -> dict[str, object]:
    return {"id": name, "name": name, "method": "GET", "url": f"http://h/{name}", **parts}


OLD = json.dumps(
    {
        "id": "1",
        "name": "old",
        "order": ["home"],
        "folders_order": ["f"],
        "folders": [{"id": "f", "name": "inner", "order": ["form", "raw"]}],
        "requests": [
            request("lost"),
            request("home", headers="X-A: 1\n//X-B: 2\n", currentHelper="bearerAuth")
            | {"helperAttributes": {"token": "t-1"}, "dataMode": "params", "data": []},
            request("form", method="POST", dataMode="urlencoded")
            | {"data": [{"key": "a", "value": "1"}, {"key": "b", "value": "2", "enabled": False}]}
            | {"tests": 'tests["made"] = responseCode.code === 201;'},
            request("raw", method="POST", dataMode="raw", rawModeData='{"a": "{{x}}"}')
            | {"headers": "Content-Type: application/json", "url": "http://h/:id"}
            | {"pathVariables": {"id": "7"}, "responses": [{"responseCode": {"code": 202}}]},
            request("digest", currentHelper="digestAuth"),
        ],
        "variables": [{"key": "x", "value": "5"}],
    }
)


def test_requests_are_sent_in_their_folders_and_order() -> None:
    (case,) = cases_of(OLD).values()
    steps = {step["name"]: step for step in case["teststeps"]}

    assert list(steps) == ["inner - form", "inner - raw", "home", "lost", "digest"]
    home, form, raw = (steps[name] for name in ("home", "inner - form", "inner - raw"))
    assert home["request"]["headers"] == {"X-A": "1", "Authorization": "${ENV(AUTHORIZATION)}"}
    assert form["request"]["data"] == {"a": 1}
    assert form["validate"] == [{"eq": ["status_code", 201]}]
    assert (raw["request"]["url"], raw["request"]["json"]) == ("/7", {"a": "${x}"})
    assert raw["validate"] == [{"eq": ["status_code", 202]}]
    assert case["config"]["variables"] == {"x": "5"}


def test_what_is_lost_is_told() -> None:
    told = "step 'digest': auth of type digestAuth is not converted"

    assert notes_of(OLD).splitlines() == [f"source: {told} (send the header yourself)"]

"""Test recordings in which something is missing, null or damaged."""

from __future__ import annotations

from typing import Any

import pytest
from boomtalk.engine.errors import CaseError

from .sending import cases_of, notes_of, requests_of
from .test_har import entry, har, post


def test_recordings_without_responses_are_requests_that_somebody_wrote() -> None:
    first, second = entry("http://h/a"), entry("http://h/b", 1, response={"status": 0})
    del first["response"]
    text = har(first, second)
    (case,) = cases_of(text).values()

    steps = [step for step in case["teststeps"] if "request" in step]
    assert [step["request"]["url"] for step in steps] == ["/a", "/b"]
    assert steps[0]["validate"] == [{"lt": ["status_code", 400]}]
    # In a recording of a browser, one without a status among others was blocked or cut.
    mixed = har(first, second, entry("http://h/c", 2))
    assert [request["url"] for request in requests_of(mixed)] == ["/a", "/c"]


NULLS: list[dict[str, Any]] = [
    {"startedDateTime": None, "time": None},
    {"_resourceType": None, "cache": None, "timings": None},
    {"response": None},
    {"response": {"status": 200, "headers": None, "content": None}},
    {"response": {"status": "200", "content": {"mimeType": None, "size": None}}},
]


@pytest.mark.parametrize("nulls", NULLS)
def test_null_counts_as_a_key_that_is_left_out(nulls: dict[str, Any]) -> None:
    unknown = {"headers": None, "cookies": None, "queryString": None, "postData": None}
    (request,) = requests_of(har({**entry("http://h/a?b=1", **unknown), **nulls}))

    assert request == {"method": "GET", "url": "/a", "params": {"b": 1}}
    body = {
        "mimeType": None,
        "text": None,
        "params": [{"name": "a", "value": None}, {"name": None}],
    }
    (request,) = requests_of(har({**entry("http://h/a", method=None, postData=body), **nulls}))
    assert request["data"] == {"a": ""}


def test_a_damaged_entry_costs_only_itself() -> None:
    damaged: list[Any] = [{}, None, {"request": {"url": 5}}, {"request": {"method": "GET"}}]
    text = har(*damaged, entry("http://"), entry("http://h/b", 1), entry("data:x,y", 2))
    notes = notes_of(text)

    assert [request["url"] for request in requests_of(text)] == ["/b"]
    assert "the recorded request number 4 is left out: there is no URL in it" in notes
    assert notes.count("number") == 4
    assert "step 'GET /': not a URL" in notes
    assert "step 'GET x,y': data is not converted: left out" in notes


def test_the_query_is_taken_from_its_list_if_the_url_has_none() -> None:
    query = [{"name": "a b", "value": "1&2"}, {"name": "c", "value": None}]
    (plain,) = requests_of(har(entry("http://h/a", queryString=query)))
    (own,) = requests_of(har(entry("http://h/a?x=1", queryString=query)))

    assert plain["params"] == {"a b": "1&2", "c": ""}
    assert own["params"] == {"x": 1}


def test_a_body_in_base64_is_decoded_if_it_is_text() -> None:
    kind = "application/json"
    (request,) = requests_of(har(post("http://h/a", kind, text="eyJhIjogMX0=", encoding="base64")))
    assert request["json"] == {"a": 1}

    binary = har(post("http://h/a", kind, text="//79", encoding="base64"))
    assert "step 'POST /a': a binary body is not converted" in notes_of(binary)


def test_a_recording_of_nothing_that_can_be_sent_says_why() -> None:
    tunnel = entry("https://h:443", method="CONNECT")
    with pytest.raises(CaseError) as raised:
        requests_of(har(tunnel, entry("wss://h/a", 1)))

    assert "none of the recorded requests can be sent" in str(raised.value)
    assert "wss is not converted" in str(raised.value)
    with pytest.raises(CaseError, match="the filters leave none of 1 recorded requests"):
        requests_of(har(entry("http://h/a.png")))

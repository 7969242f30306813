"""Test the conversion of recordings: which requests are kept, and with which pauses."""

from __future__ import annotations

import json
from pathlib import Path
from re import compile as pattern
from typing import Any

import pytest
from boomtalk.engine.convert.har import Wanted
from boomtalk.engine.errors import CaseError

from tests.hrp.recording import recording
from tests.support.boomtalk_cli import run_cli

from .sending import cases_of, notes_of, requests_of, sent


def entry(url: str, at: float = 0.0, **request: Any) -> dict[str, Any]:
    """Return a recorded request that began `at` seconds after noon and took half a second."""
    answered = {"status": 200, "content": {"mimeType": "application/json"}}
    answered |= request.pop("response", {})
    return {
        "startedDateTime": f"2026-01-01T12:00:{at:06.3f}Z",
        "time": 500,
        "request": {"method": "GET", "url": url, "headers": [], **request},
        "response": answered,
    }


def har(*entries: dict[str, Any]) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def headers(**pairs: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-"), "value": value} for name, value in pairs.items()]


def post(url: str, kind: str, **data: Any) -> dict[str, Any]:
    body = {"mimeType": kind, **data}
    return entry(url, method="POST", headers=headers(content_type=kind), postData=body)


BOUNDARY = "----WebKitFormBoundaryX"
FORM = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\na;b $x\r\n'
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a b.txt"\r\n'
    f"Content-Type: text/plain\r\n\r\nline\r\n\r\n--{BOUNDARY}--\r\n"
)


def test_bodies_of_all_kinds_are_sent_again(tmp_path: Path) -> None:
    json_type, form_type = "application/json", "application/x-www-form-urlencoded"
    with recording() as recorder:
        url = recorder.url
        recorded = har(
            entry(f"{url}/items?page=2&q=a%20b"),
            post(f"{url}/json", json_type, text='{"price": "$5", "id": 7, "tags": [" x "]}'),
            post(f"{url}/form", form_type, text="a=1&b=x+y%24z"),
            post(f"{url}/params", form_type, params=[{"name": "a", "value": "$1"}]),
            post(f"{url}/text", "text/plain", text=" $raw\nlines \n"),
            post(f"{url}/up", f"multipart/form-data; boundary={BOUNDARY}", text=FORM),
        )
        (tmp_path / "visit.har").write_text(recorded)
        found = sent(recorder, tmp_path, "visit.har")

    assert found.lines() == [
        "GET /items?page=2&q=a%20b",
        *(f"POST /{name}" for name in ("json", "form", "params", "text", "up")),
    ]
    _, as_json, form, params, text, upload = found.requests
    assert json.loads(as_json.body) == {"price": "$5", "id": 7, "tags": [" x "]}
    assert form.body == b"a=1&b=x+y%24z"
    assert params.body == b"a=%241"
    assert text.body == b" $raw\nlines \n"
    assert b'name="note"\r\n\r\na;b $x\r\n' in upload.body
    assert b'filename="a b.txt"\r\nContent-Type: text/plain\r\n\r\nline\r\n\r\n' in upload.body


def test_what_belongs_to_one_visit_is_left_out(tmp_path: Path) -> None:
    own = headers(
        Cookie="sid=1",
        Host="h",
        Content_Length="3",
        Accept_Encoding="gzip, br",
        If_None_Match="x",
        sec_ch_ua="x",
        X_Requested_With="XMLHttpRequest",
    )
    recorded = har(entry("http://h/a", headers=[*own, {"name": ":path", "value": "/a"}]))
    (request,) = requests_of(recorded)

    assert request["headers"] == {"X-Requested-With": "XMLHttpRequest"}
    assert "recorded cookies are left out" in notes_of(recorded)


def test_headers_that_all_requests_have_stand_in_the_config() -> None:
    first = entry("http://h/a", headers=headers(Accept="a/b", User_Agent="x", X="1"))
    second = entry("http://h/b", 1, headers=headers(Accept="a/b", User_Agent="x", X="2"))
    (case,) = cases_of(har(first, second)).values()

    assert case["config"]["headers"] == {"Accept": "a/b", "User-Agent": "x"}
    assert [step["request"].get("headers") for step in case["teststeps"] if "request" in step] == [
        {"X": "1"},
        {"X": "2"},
    ]


def test_gaps_between_requests_are_think_time_and_overlaps_are_none() -> None:
    recorded = har(entry("http://h/a", 0), entry("http://h/b", 0.1), entry("http://h/c", 3.1))
    (case,) = cases_of(recorded).values()

    steps = [step.get("think_time", step["name"]) for step in case["teststeps"]]
    assert steps == ["GET /a", "GET /b", {"time": 2.5}, "GET /c"]
    (case,) = cases_of(recorded, wanted=Wanted(pauses=False)).values()
    assert len(case["teststeps"]) == 3


def test_a_pause_begins_when_the_last_response_was_there() -> None:
    slow = {**entry("http://h/slow", 0), "time": 5_000}
    (case,) = cases_of(har(slow, entry("http://h/b", 1), entry("http://h/c", 6))).values()

    steps = [step.get("think_time", step["name"]) for step in case["teststeps"]]
    assert steps == ["GET /slow", "GET /b", {"time": 1.0}, "GET /c"]


def test_requests_are_in_the_order_of_their_start() -> None:
    requests = requests_of(har(entry("http://h/late", 5), entry("http://h/early", 1)))

    assert [request["url"] for request in requests] == ["/early", "/late"]


def test_the_status_is_checked_and_redirects_are_not_followed_twice() -> None:
    recorded = har(
        entry("http://h/new", response={"status": 201}),
        entry("http://h/old", 1, response={"status": 302}),
        entry("http://h/same", 2, response={"status": 304}),
    )
    (case,) = cases_of(recorded, wanted=Wanted(pauses=False)).values()
    checks = [step["validate"][0] for step in case["teststeps"]]
    follows = [step["request"].get("allow_redirects", True) for step in case["teststeps"]]

    assert checks == [
        {"eq": ["status_code", 201]},
        {"eq": ["status_code", 302]},
        {"lt": ["status_code", 400]},
    ]
    assert follows == [True, False, True]


RECORDED = har(
    entry("https://shop.example/api/a"),
    entry("https://cdn.shop.example/api/b", 1, method="POST"),
    entry("https://ads.example/track", 2),
    entry("https://shop.example/logo.png?v=1", 3),
    entry("https://shop.example/font", 4, response={"content": {"mimeType": "font/woff2"}}),
    {**entry("https://shop.example/app", 5), "_resourceType": "script"},
)


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (Wanted(), ["a", "b", "track"]),
        (Wanted(static=True), ["a", "b", "track", "logo.png", "font", "app"]),
        (Wanted(hosts=["shop.example"]), ["a"]),
        (Wanted(hosts=["*.shop.example", "ads.example"]), ["b", "track"]),
        (Wanted(methods=["post"]), ["b"]),
        (Wanted(include=pattern("/api/")), ["a", "b"]),
        (Wanted(exclude=pattern(r"//ads\.")), ["a", "b"]),
    ],
)
def test_filters_choose_what_becomes_a_step(wanted: Wanted, kept: list[str]) -> None:
    urls = [request["url"] for request in requests_of(RECORDED, wanted=wanted)]

    assert [url.rpartition("/")[2] for url in urls] == kept
    told = notes_of(RECORDED, wanted=wanted)
    assert told == (
        f"source: {6 - len(kept)} of 6 requests are filtered out" if len(kept) < 6 else ""
    )


def test_the_filters_are_flags(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_text(RECORDED)
    flags = ("--host", "*.shop.example", "--host", "shop.example", "--exclude", "/b$")
    ended = run_cli("convert", "a.har", *flags, "--no-think-time", cwd=tmp_path)

    assert ended.code == 0, ended
    assert ended.out == "converted/a.yml\n"
    text = (tmp_path / "converted" / "a.yml").read_text()
    assert [line for line in text.splitlines() if "url:" in line][1:] == ["      url: /api/a"]


def test_hosts_apart_from_the_most_common_one_keep_their_whole_url() -> None:
    urls = ("https://ads.x/t", "https://shop.x/a", "https://shop.x:444/b", "https://shop.x/c?d=1")
    recorded = har(*(entry(url, at) for at, url in enumerate((*urls, "https://cdn.x/e"))))
    (case,) = cases_of(recorded, wanted=Wanted(pauses=False)).values()

    assert case["config"]["base_url"] == "https://shop.x"
    assert [step["request"]["url"] for step in case["teststeps"]] == [
        "https://ads.x/t",
        "/a",
        "https://shop.x:444/b",
        "/c",
        "https://cdn.x/e",
    ]


def test_what_cannot_be_sent_again_is_told() -> None:
    recorded = har(
        entry("http://h/a"),
        entry("wss://h/socket", 1),
        entry("http://h/blocked", 2, response={"status": 0}),
        post("http://h/binary", "application/octet-stream", text="\ufffd\ufffd"),
    )
    notes = notes_of(recorded)

    assert "step 'GET /socket': wss is not converted" in notes
    assert "step 'GET /blocked': got no response" in notes
    assert "step 'POST /binary': a binary body is not converted" in notes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (har(), "no requests are recorded in it"),
        ('{"log": {"entries": [{"a": 1}]}}', "no requests are recorded in it"),
        ('{"log": {"entries": [}', "source:1: not JSON"),
        ('{"some": "thing"}', "this is not a known format"),
        ("teststeps: []", "this is already a test case"),
    ],
)
def test_a_file_that_is_none_is_told(text: str, told: str) -> None:
    with pytest.raises(CaseError) as raised:
        requests_of(text)

    assert told in str(raised.value)

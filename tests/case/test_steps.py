"""Test steps: every kind, every accepted spelling, and the messages for all others."""

from __future__ import annotations

from typing import Any

import pytest


def test_every_key_of_a_request_is_read(project: Any, plain: Any) -> None:
    case = project.case("""
teststeps:
  - name: login $user
    variables: {user: bob}
    loops: 3
    request:
      method: post
      url: /login/$user
      params: {a: 1, b: [1, 2], c: null, d: $x}
      headers: {A: 1.50, B: true}
      cookies: {sid: 007}
      json: {u: $user, n: 1.0, big: 9007199254740993}
      timeout: 2.5
      allow_redirects: no
      verify: false
    setup_hooks: ["${sign($request)}", {ts: "${now()}"}]
    teardown_hooks: "${after($response)}"
    extract: {token: body.token}
    validate:
      - eq: [status_code, 200]
""")
    step = case.steps[0]

    assert step.name.value == "login $user"
    assert plain(step.variables) == {"user": "bob"}
    assert step.loops.value == 3
    assert (step.method.value, step.url.value, step.origin) == ("post", "/login/$user", "request")
    assert plain(step.params) == {"a": 1, "b": [1, 2], "c": None, "d": "$x"}
    assert plain(step.headers) == {"A": "1.50", "B": "true"}
    assert plain(step.cookies) == {"sid": "007"}
    assert step.body_kind == "json"
    assert step.body.value == {"u": "$user", "n": 1.0, "big": 9007199254740993}
    assert (step.timeout, step.allow_redirects, step.verify) == (2.5, False, False)
    assert [(hook.call.value, hook.assign) for hook in step.setup_hooks] == [
        ("${sign($request)}", None),
        ("${now()}", "ts"),
    ]
    assert [hook.call.value for hook in step.teardown_hooks] == ["${after($response)}"]
    assert plain(step.extract) == {"token": "body.token"}
    assert str(step.validate[0].check.place) == "case.yml:20: step 'login $user': validate.eq"


BODIES = [
    ("", "none", None),
    ("body: {a: 1}", "body", {"a": 1}),
    ("json: 5", "json", 5),
    ("json: null", "json", None),
    ("data: a=1", "data", "a=1"),
    ("data: {a: 1}", "data", {"a": 1}),
]


@pytest.mark.parametrize(("text", "kind", "value"), BODIES)
def test_the_body_remembers_its_key(project: Any, text: str, kind: str, value: Any) -> None:
    step = project.step(f"{{request: {{method: GET, url: /, {text}}}}}")

    assert step.body_kind == kind
    assert (step.body.value if step.body else None) == value


def test_of_several_bodies_the_first_by_rank_is_sent_and_the_rest_told(project: Any) -> None:
    text = "teststeps: [{request: {method: GET, url: /, data: d, json: j, body: b}}]"

    assert project.case(text).steps[0].body.value == "b"
    assert [line.partition("request.")[2] for line in project.warnings(text)] == [
        "json: json is not sent (body is given too)",
        "data: data is not sent (body is given too)",
    ]


def test_a_timeout_pair_is_the_time_for_the_whole_attempt(project: Any) -> None:
    assert project.step("{request: {method: GET, url: /, timeout: [3, 10]}}").timeout == 13


def test_redirects_are_followed_and_tls_left_to_the_command_unless_said(project: Any) -> None:
    step = project.step("{request: {method: GET, url: /}}")

    assert step.allow_redirects is True
    assert step.verify is None


CHECKS = [
    ("{check: body.a, assert: lt, expect: 3, msg: small}", ("body.a", "lt", 3, "small")),
    ("{check: body.a, comparator: lt, expect: 3, message: small}", ("body.a", "lt", 3, "small")),
    ("{check: body.a, comparator: lt, expected: 3}", ("body.a", "lt", 3, "")),
    ("{check: body.a, expect: null}", ("body.a", "eq", None, "")),
    ("{eq: [status_code, 200]}", ("status_code", "eq", 200, "")),
    ("{my_check: [$a, {b: 1}, why]}", ("$a", "my_check", {"b": 1}, "why")),
]


@pytest.mark.parametrize(("text", "expected"), CHECKS)
@pytest.mark.parametrize("as_list", [True, False])
def test_a_check_is_read_in_every_spelling(
    project: Any, text: str, expected: tuple[Any, ...], *, as_list: bool
) -> None:
    validate = f"[{text}]" if as_list else text
    step = project.step(f"{{request: {{method: GET, url: /}}, validate: {validate}}}")
    found = step.validate[0]

    assert (found.check.value, found.assertion, found.expect.value, found.message) == expected


def test_extract_may_be_a_list_of_maps(project: Any, plain: Any) -> None:
    step = project.step("{request: {method: GET, url: /}, extract: [{a: body.a}, {b: body.b}]}")

    assert plain(step.extract) == {"a": "body.a", "b": "body.b"}


def test_an_assigning_hook_knows_its_line(project: Any) -> None:
    case = project.case("""
teststeps:
  - request: {method: GET, url: /}
    setup_hooks:
      - ${one()}
      - two: ${two()}
""")

    assert [(hook.assign, hook.call.place.line) for hook in case.steps[0].setup_hooks] == [
        (None, 5),
        ("two", 6),
    ]


@pytest.mark.parametrize(
    ("text", "time"),
    [("{time: 2.5}", 2.5), ("2", 2), ("$pause", "$pause"), ("{time: '${f()}'}", "${f()}")],
)
def test_a_pause_is_read_in_every_spelling(project: Any, text: str, time: Any) -> None:
    assert project.step(f"{{think_time: {text}}}").time.value == time


@pytest.mark.parametrize("kind", ["transaction: {name: T, type: end}", "rendezvous: {name: T}"])
def test_a_step_that_sends_nothing_may_have_variables(project: Any, kind: str) -> None:
    step = project.step(f"{{{kind}, variables: {{off: yes}}, skip: $off}}")
    assert step.variables["off"].value == "yes"


def test_a_transaction_is_read_and_named(project: Any) -> None:
    step = project.step("{transaction: {name: T, type: end}}")

    assert (step.transaction, step.edge, step.name.value) == ("T", "end", "transaction T end")


def test_a_rendezvous_is_read_with_its_timeout_in_seconds(project: Any) -> None:
    step = project.step("{name: r, rendezvous: {name: R, number: 5, timeout: 250}}")
    default = project.step("{rendezvous: {name: R, percent: 0.5, timeout: 0}}")

    assert (step.rendezvous, step.number, step.percent, step.timeout) == ("R", 5, None, 0.25)
    assert (default.number, default.percent, default.timeout) == (None, 0.5, 5.0)


def test_number_and_percent_of_a_rendezvous_cancel_each_other_and_that_is_told(
    project: Any,
) -> None:
    text = "teststeps: [{rendezvous: {name: R, number: 1, percent: 0.1}}]"

    assert "number and percent cancel each other" in project.warnings(text)[0]


def test_a_websocket_action_is_read(project: Any) -> None:
    step = project.step(
        "{websocket: {type: wr, url: /ws, text: {a: 1}, timeout: 500, close_status: 9}}"
    )

    assert (step.action, step.url.value, step.text.value) == ("wr", "/ws", {"a": 1})
    assert (step.timeout, step.close_status) == (0.5, 1000)


@pytest.mark.parametrize(
    ("status", "used"), [(999, 1000), (1001, 1001), (4999, 4999), (5000, 1000)]
)
def test_a_close_status_out_of_range_counts_as_1000(project: Any, status: int, used: int) -> None:
    step = project.step(f"{{websocket: {{type: close, close_status: {status}, timeout: 0}}}}")

    assert (step.close_status, step.timeout) == (used, 30.0)


REQUEST = "request: {method: GET, url: /}"
WRONG = [
    ("{}", "the step does nothing"),
    ("5", "must be a map, not 5"),
    ("{reqest: {}}", "the step does nothing"),
    ("{request: {method: GET}}", "request: a request needs url"),
    ("{request: {url: /}}", "request: a request needs method"),
    ("{request: }", "request: a request needs method and url"),
    ("{request: {method: G T, url: /}}", "request.method: 'G T' is not an HTTP method"),
    ("{request: {method: GET, url: [a]}}", "request.url: must be a text, not a list"),
    ("{request: {method: GET, url: /, http2: maybe}}", "request.http2: must be true or false"),
    ("{request: {method: GET, url: /, timeout: [1, a]}}", "request.timeout: must be seconds"),
    ("{request: {method: GET, url: /, headers: {A: {}}}}", "request.headers.A: must be a text"),
    ("{request: {method: GET, url: /, params: x}}", "request.params: must be a map, not 'x'"),
    (f"{{{REQUEST}, validate: [{{eq: [a]}}]}}", "validate.eq: a check takes two or three values"),
    (f"{{{REQUEST}, validate: [{{eq: [a, b, c, d]}}]}}", "a check takes two or three values"),
    (f"{{{REQUEST}, validate: [text]}}", "validate: must be a map, not 'text'"),
    (f"{{{REQUEST}, validate: [{{check: a}}]}}", "validate: a check needs expect"),
    (f"{{{REQUEST}, extract: token}}", "extract: must be a map, not 'token'"),
    (f"{{{REQUEST}, setup_hooks: [5]}}", "setup_hooks: a hook must be a call, not 5"),
    (f"{{{REQUEST}, think_time: 1}}", "think_time and request in one step (write two steps)"),
    ("{api: {name: x}}", "api: an API needs request"),
    ("{api: {request: {method: GET}}}", "api.request: a request needs url"),
    ("{think_time: [1]}", "a pause needs seconds"),
    ("{think_time: {tme: 1}}", "a pause needs time"),
    (
        "{transaction: {name: T, type: begin}}",
        "transaction.type: unknown 'begin' (one of start, end)",
    ),
    ("{transaction: {type: start}}", "a transaction needs name"),
    ("{rendezvous: {number: 1}}", "a rendezvous needs name"),
    ("{websocket: {type: send}}", "unknown 'send' (one of open, ping, w, r, wr, close)"),
    ("{ios: {}}", "ios steps cannot be run (UI steps are not supported)"),
    ("{android: {}}", "android steps cannot be run"),
    ("{shell: {}}", "shell steps cannot be run"),
    ("{request: {method: DELTE, url: /}}", "unknown method 'DELTE' (did you mean DELETE?)"),
    ("{request: {method: psot, url: /}}", "unknown method 'psot' (did you mean POST?)"),
    ("{think_time: 1s}", "must be a number, not '1s' (write 1: it is in seconds)"),
    (
        "{think_time: {time: 500 ms}}",
        "must be a number, not '500 ms' (write 0.5: it is in seconds)",
    ),
    ("{think_time: soon}", "think_time: must be a number, not 'soon'"),
    ("{think_time: .inf}", "think_time: must be a number, not .inf"),
    ('{think_time: "1e999"}', "think_time: must be a number, not '1e999'"),
    ("{think_time: {time: true}}", "think_time.time: must be a number, not true"),
    ("{think_time: {time: }}", "think_time.time: must be a number, not nothing"),
    ("{think_time: {time: [1]}}", "think_time.time: must be a number, not a list"),
    (f"{{{REQUEST}, loops: twice}}", "loops: must be a number, not 'twice'"),
    (f"{{{REQUEST}, loops: {'9' * 400}}}", "loops: must be a number, not 999"),
    (f"{{{REQUEST}, vaildate: []}}", "unknown key 'vaildate' (did you mean validate?)"),
    (f"{{{REQUEST}, extrcat: {{}}}}", "unknown key 'extrcat' (did you mean extract?)"),
    ("{request: {method: GET, url: /, hedaers: {}}}", "request.hedaers: unknown key 'hedaers'"),
    (f"{{{REQUEST}, validate: [{{check: a, expect: b, asert: c}}]}}", "did you mean assert?"),
    ("{api: {request: {method: GET, url: /}, valdiate: []}}", "unknown key 'valdiate'"),
    ("{websocket: {type: open, url: /, time_out: 1}}", "did you mean timeout?"),
    ("{reqeust: {method: GET}}", "unknown key 'reqeust' (did you mean request?)"),
]


@pytest.mark.parametrize(("step", "told"), WRONG)
def test_a_wrong_step_is_told_with_its_line(project: Any, step: str, told: str) -> None:
    problems = project.problems(f"teststeps:\n  - {step}\n")

    assert any(told in problem for problem in problems), problems
    assert all(problem.startswith("case.yml:2: step '#1'") for problem in problems)


WARNED = [
    (f"{{{REQUEST}, priority: 1}}", "unknown key 'priority'"),
    ("{request: {method: BREW, url: /}}", "unknown method 'BREW' (it is sent as it is)"),
    ("{request: {method: GET, url: /, proxies: {}}}", "request.proxies: proxies has no effect"),
    (f"{{{REQUEST}, retry_times: 3}}", "retry_times has no effect"),
    ("{testcase: {teststeps: []}, validate: []}", "validate has no effect"),
    (
        "{testcase: {config: {parameters: {a: [1]}}, teststeps: []}}",
        "the rows of its parameters are not used: a",
    ),
]


@pytest.mark.parametrize("method", ["M-SEARCH", "propfind", "PURGE", "query", "$method", "TRACK"])
def test_a_method_of_the_registry_or_of_caches_is_sent(project: Any, method: str) -> None:
    case = f"teststeps:\n  - {{request: {{method: {method}, url: /}}}}\n"

    assert project.warnings(case) == []


@pytest.mark.parametrize("check", ["{eq: [a, a]}", "{eq: [5, [1]]}", "{check: words, expect: x}"])
def test_a_check_of_two_constants_is_told(project: Any, check: str) -> None:
    (warning,) = project.warnings(f"teststeps:\n  - {{{REQUEST}, validate: [{check}]}}\n")

    assert "neither side comes from the response (write status_code, body.x" in warning


@pytest.mark.parametrize(
    "check", ["{eq: [$a, a]}", "{eq: [a, [$b]]}", "{eq: [content.a, 1]}", '{eq: ["x(.*)", 1]}']
)
def test_a_check_that_can_change_is_not_told(project: Any, check: str) -> None:
    assert project.warnings(f"teststeps:\n  - {{{REQUEST}, validate: [{check}]}}\n") == []


@pytest.mark.parametrize(("step", "told"), WARNED)
def test_a_key_without_effect_is_told(project: Any, step: str, told: str) -> None:
    (warning,) = project.warnings(f"teststeps:\n  - {step}\n")

    assert told in warning
    assert warning.startswith("case.yml:2: step '#1'")


@pytest.mark.parametrize(("written", "wanted"), [("true", True), ("false", False)])
def test_http2_is_read(project: Any, written: str, wanted: bool) -> None:
    assert project.step(f"{{request: {{method: GET, url: /, http2: {written}}}}}").http2 is wanted


def test_a_method_may_be_an_expression(project: Any) -> None:
    assert project.step("{request: {method: $method, url: /}}").method.value == "$method"


def test_a_step_without_a_name_is_told_by_its_number(project: Any) -> None:
    told = project.problems(f"teststeps: [{{{REQUEST}}}, {{request: {{url: /}}}}]")

    assert told == ["case.yml:1: step '#2': request: a request needs method"]


def test_values_of_the_model_cannot_be_changed(project: Any) -> None:
    step = project.step(f"{{{REQUEST}}}")

    with pytest.raises(AttributeError):
        step.timeout = 1


def test_a_hook_that_calls_nothing_is_a_warning(project: Any) -> None:
    step = f"{{name: s, {REQUEST}, setup_hooks: [sleep(1), '${{sleep(1)}}'], teardown_hooks: done}}"
    hint = "write a call like ${sleep(1)}"
    assert project.warnings(f"teststeps:\n  - {step}\n") == [
        f"case.yml:2: step 's': setup_hooks: 'sleep(1)' calls nothing ({hint})",
        f"case.yml:2: step 's': teardown_hooks: 'done' calls nothing ({hint})",
    ]


def test_the_names_of_version_1_are_read(project: Any, plain: Any) -> None:
    step = project.step(
        "{request: {method: GET, url: /}, variable_binds: [{a: 1}], extractors: [{t: content.t}],"
        " validators: [{check: status_code, comparator: eq, expect: 200}]}"
    )
    other = project.step("{request: {method: GET, url: /}, extract_binds: {t: content.t}}")

    assert (plain(step.variables), plain(step.extract)) == ({"a": 1}, {"t": "content.t"})
    assert (len(step.validate), plain(other.extract)) == (1, {"t": "content.t"})


@pytest.mark.parametrize("text", ["data.token", "new_attribute", "Hello (world)"])
def test_an_extract_of_a_plain_text_is_told(project: Any, text: str) -> None:
    step = f"{{request: {{method: GET, url: http://h/}}, extract: {{t: {text}}}}}"
    (told,) = project.warnings(f"teststeps: [{step}]")

    assert f"case.yml:1: step '#1': extract.t: the value is the text {text!r} (write" in told


@pytest.mark.parametrize("text", ["body.t", "content", "$t", "x$t", "${f()}", "a=(.+?);", "$.t"])
def test_an_extract_of_anything_else_is_not(project: Any, text: str) -> None:
    step = f"{{request: {{method: GET, url: http://h/}}, extract: {{t: '{text}'}}}}"

    assert project.warnings(f"teststeps: [{step}]") == []

"""Hold expressions, checks and steps that differ; docs/hrp-differences.md has the reasons."""

from __future__ import annotations

from .short_cases import ASK, FAILS, NEXT, Outcomes, checked, extracted, get, post, request, text

STEPS: dict[str, Outcomes] = {
    # Expressions
    "a call after a variable": (
        text("$n ${max(1,2)}", ", variables: {n: 1}"),
        ["POST /a?x 22)}"],
        ["POST /a?x 1 2"],
    ),
    "quotes in arguments": (
        text('${md5("abc")}'),
        ['POST /a?x ${md5("abc")}'],
        ["POST /a?x 900150983cd24fb0d6963f7d28e17f72"],
    ),
    "any text in arguments": (
        text("${md5(中:@)}"),
        ["POST /a?x ${md5(中:@)}"],
        ["POST /a?x 07296d920c3065e08be78975f39b1fa3"],
    ),
    "calls in calls": (
        text("${md5(${max(1,2)})}"),
        ["POST /a?x 2(1,2)})}"],
        ["POST /a?x c81e728d9d4c2f636f067f89cc14862c"],
    ),
    "a call that is never closed": (text("${max(1,2}"), ["POST /a?x ${max(1,2}"], [FAILS]),
    "md5 of a number is that of its digits": (
        text("${md5(123)}"),
        ["POST /a?x f95b70fdc3088560732a5ac135644506"],
        ["POST /a?x 202cb962ac59075b964b07152d234b70"],
    ),
    "the pieces of a text are stripped": (
        post("json: ['${split_by_comma($c)}']", ", variables: {c: 'a, b'}"),
        ['POST /a?x [["a"," b"]]'],
        ['POST /a?x [["a","b"]]'],
    ),
    "a name of other letters": (
        text("$价", ", variables: {价: 5}"),
        ["POST /a?x $价"],
        ["POST /a?x 5"],
    ),
    "a name that goes on with other letters": (
        text("$n价", ", variables: {n: 1, n价: 5}"),
        ["POST /a?x 1价"],
        ["POST /a?x 5"],
    ),
    "max of any number of numbers": (text("${max(1,3,2)}"), [FAILS], ["POST /a?x 3"]),
    "max of large integers": (
        post("json: ['${max(9007199254740993,1)}']"),
        ["POST /a?x [9007199254740992]"],
        ["POST /a?x [9007199254740993]"],
    ),
    "maps, lists and null in a text": (
        text("$m $n $l", ", variables: {m: {a: 1}, n: null, l: [1, x]}"),
        ["POST /a?x map[a:1] <nil> [1 x]"],
        ['POST /a?x {"a":1} null [1,"x"]'],
    ),
    "a dollar sign in data is data": (
        text("$v", ", parameters: {v: '${P(dollar.csv)}'}"),
        [FAILS],
        ["POST /a?x pa$word"],
    ),
    "blanks in data are data": (
        text("<$v>", ", parameters: {v: '${P(blank.csv)}'}"),
        ["POST /a?x <x>"],
        ["POST /a?x <  x >"],
    ),
    "environs are data": (
        text("$v", ", environs: {v: a$n, n: 1}"),
        ["POST /a?x a1"],
        ["POST /a?x a$n"],
    ),
    "two dollar signs are one, once": (
        text("$v", ", variables: {v: US$$x}"),
        [FAILS],
        ["POST /a?x US$x"],
    ),
    "a name of a case needs no variable": (
        request(ASK, ", variables: {}").replace("name: x", "name: x $v"),
        [FAILS],
        ["GET /a?x"],
    ),
    # Extraction and checks
    "large integers are exact": (
        extracted("body.big"),
        ["GET /a?x", "POST /b?x [9007199254740992]"],
        ["GET /a?x", "POST /b?x [9007199254740993]"],
    ),
    "numbers in a filter": (
        extracted('"body.items[?id==`7`].name"'),
        ["GET /a?x", "POST /b?x [[]]"],
        ["GET /a?x", 'POST /b?x [["seven"]]'],
    ),
    "functions of numbers in a search": (
        extracted("'sum(body.items[*].id)'"),
        ["GET /a?x", 'POST /b?x ["sum(body.items[*].id)"]'],
        ["GET /a?x", "POST /b?x [15]"],
    ),
    "older prefixes of a search": (
        extracted("content.n"),
        ["GET /a?x", 'POST /b?x ["content.n"]'],
        ["GET /a?x", "POST /b?x [5]"],
    ),
    "a search that is none": (extracted("'body['"), ["GET /a?x", 'POST /b?x ["body["]'], [FAILS]),
    "a regular expression searches JSON too": (
        extracted("""'"name": "(.*)"}, '"""),
        ["GET /a?x", 'POST /b?x ["\\"name\\": \\"(.*)\\"},"]'],
        ["GET /a?x", 'POST /b?x ["seven"]'],
    ),
    "a regular expression that finds nothing": (
        extracted("'nobody(.*)'"),
        ["GET /a?x", 'POST /b?x ["nobody(.*)"]'],
        ["GET /a?x", "POST /b?x [null]"],
    ),
    "a text that holds a field's name in a word": (
        extracted("somebody"),
        ["GET /a?x", "POST /b?x [null]"],
        ["GET /a?x", 'POST /b?x ["somebody"]'],
    ),
    "a value that looks like a search": (
        request(ASK + ", extract: {v: $p}", ", environs: {p: body.n}")
        + "  - {name: b, request: {method: POST, url: '/b?x', json: [$v]}}\n",
        ["GET /a?x", "POST /b?x [5]"],
        ["GET /a?x", 'POST /b?x ["body.n"]'],
    ),
    "a hyphen in a path": (
        extracted("body.no-such"),
        ["GET /a?x", 'POST /b?x ["body.no-such"]'],
        ["GET /a?x", "POST /b?x [null]"],
    ),
    "all that follows the values of a map": (
        extracted("'{a: @}.*.body.n | [0]'"),
        ["GET /a?x", "POST /b?x [null]"],
        ["GET /a?x", "POST /b?x [5]"],
    ),
    "the time of a response": (checked("{gt: [elapsed, 0]}"), ["GET /a?x", FAILS], ["GET /a?x"]),
    "an extraction sees those above it": (
        extracted("'body.items[$at].id'", "at: 'length(body.items[:1])', ").replace(
            "name: a,", "name: a, variables: {at: 0},"
        ),
        ["GET /a?x", "POST /b?x [7]"],
        ["GET /a?x", "POST /b?x [8]"],
    ),
    "numbers compare by value": (
        checked("{lt: [body.price, 10]}", "{lt: [body.n, 5.5]}"),
        ["GET /a?x", FAILS],
        ["GET /a?x"],
    ),
    "a fraction is not cut": (checked("{eq: [body.n, 5.5]}"), ["GET /a?x"], ["GET /a?x", FAILS]),
    "equal numbers are not unequal": (
        checked("{ne: [body.n, 5.0]}"),
        ["GET /a?x"],
        ["GET /a?x", FAILS],
    ),
    "lists compare by content": (
        checked("{eq: ['body.items[*].id', [7, 8]]}", "{contains: ['body.items[*].id', 7]}"),
        ["GET /a?x", FAILS],
        ["GET /a?x"],
    ),
    "header names ignore case in checks": (
        checked("{eq: [headers.content-type, application/json]}"),
        ["GET /a?x", FAILS],
        ["GET /a?x"],
    ),
    "a length counts characters": (
        checked("{len_eq: [$s, 2]}", config=", variables: {s: 中文}"),
        ["GET /a?x", FAILS],
        ["GET /a?x"],
    ),
    "a length may be a text of digits": (
        checked("{len_eq: [body.items, '2']}"),
        ["GET /a?x", FAILS],
        ["GET /a?x"],
    ),
    "a type may be named": (
        checked("{type_match: [body.n, int]}"),
        ["GET /a?x", FAILS],
        ["GET /a?x"],
    ),
    "the name of a type is not an example": (
        checked("{type_match: [body.token, int]}"),
        ["GET /a?x"],
        ["GET /a?x", FAILS],
    ),
    "a prefix of a number": (
        checked("{startswith: [status_code, 2]}"),
        ["GET /a?x", FAILS],
        ["GET /a?x"],
    ),
    "an unknown assertion is told before the first request": (
        checked("{nope: [body.n, 5]}"),
        ["GET /a?x", FAILS],
        [FAILS],
    ),
    # Steps
    "a pause may be a plain number": (request("think_time: 0") + NEXT, [], ["GET /a?x"]),
    "a step does one thing": (
        request("think_time: {time: 0}, " + ASK) + NEXT,
        ["GET /a?x"],
        [FAILS],
    ),
    "a step that does nothing": (request("nothing: 1") + NEXT, ["GET /a?x"], [FAILS]),
    "an extraction is known in the next round": (
        request(
            "loops: 2, request: {method: GET, url: '/a?x=$v'}, extract: {v: body.n}",
            ", variables: {v: 0}",
        ),
        ["GET /a?x=0", "GET /a?x=0"],
        ["GET /a?x=0", "GET /a?x=5"],
    ),
    "a key that is nearly a known one": (
        request(ASK + ", valdiate: [{eq: [1, 2]}]"),
        ["GET /a?x"],
        [FAILS],
    ),
    "two checks of a step on one thing, over an API": (
        request("api: api/item.yml, validate: [{gt: [body.n, 0]}, {lt: [body.n, 1]}]"),
        ["GET /items/1?kind=api"],
        ["GET /items/1?kind=api", FAILS],
    ),
    "skip leaves a step out": (
        request("skip: not now, " + ASK) + NEXT,
        ["GET /a?x", "GET /a?x"],
        ["GET /a?x"],
    ),
    "loops may be an expression": (
        request("loops: $n, " + ASK, ", variables: {n: 2}"),
        [],
        ["GET /a?x", "GET /a?x"],
    ),
    "a row that fails does not end the others": (
        get("url: '/$u?x'", ", parameters: {u: [1, 2]}").replace(
            "}}\n", "}, validate: [{eq: [$u, 2]}]}\n"
        ),
        ["GET /1?x", FAILS],
        ["GET /1?x", "GET /2?x", FAILS],
    ),
    "variables may be a list": (get("url: '/$v?x'", ", variables: [{v: a}]"), [], ["GET /a?x"]),
    "variables may be one expression": (
        request("variables: $m, request: {method: GET, url: '/$v?x'}", ", variables: {m: {v: a}}"),
        [],
        ["GET /a?x"],
    ),
    "extract may be a list": (request(ASK + ", extract: [{t: content.n}]"), [], ["GET /a?x"]),
    "comparator is a word for assert": (
        checked("{check: status_code, comparator: eq, expect: 200}"),
        [],
        ["GET /a?x"],
    ),
    "the value of a hook may be kept": (
        request(ASK + ", setup_hooks: [{v: '${max(1,2)}'}]"),
        [],
        ["GET /a?x"],
    ),
    "a reference is named in the scope of its step": (
        request("variables: {k: 5, who: amy}, testcase: inner.yml").replace("name: a", "name: $k"),
        [FAILS],
        ['POST /login {"who":"amy","own":"mine"}'],
    ),
    "an API written in place has a body": (
        request("api: {name: i, request: {method: POST, url: '/i?x', json: [1]}}"),
        ["POST /i?x"],
        ["POST /i?x [1]"],
    ),
    "a file that is missing is told": (request("testcase: missing.yml"), [], [FAILS]),
}

"""Hold requests that the two programs send differently; docs/hrp-differences.md has the reasons."""

from __future__ import annotations

from .short_cases import FAILS, Outcomes, get, post, request

REQUESTS: dict[str, Outcomes] = {
    # URLs and params
    "no slash is added to a path": (get("url: /a.json"), ["GET /a.json/"], ["GET /a.json"]),
    "a slash at the end of a path is kept": (
        get("url: /a/, params: {c: 3}"),
        ["GET /a?c=3"],
        ["GET /a/?c=3"],
    ),
    "an escape is kept behind a base path too": (
        get("url: '/a%2Fb?x'").replace("$URL", "$URL/base"),
        ["GET /base/a/b?x"],
        ["GET /base/a%2Fb?x"],
    ),
    "a percent sign alone is escaped": (
        get("url: '/100%?x=100%'"),
        [FAILS],
        ["GET /100%25?x=100%25"],
    ),
    "blanks in a query are escaped": (get("url: '/a?x=a b'"), [], ["GET /a?x=a+b"]),
    "brackets of a URL are escaped": (
        get("url: '/a[1]?x[]=1|2'"),
        ["GET /a[1]?x[]=1|2"],
        ["GET /a%5B1%5D?x%5B%5D=1%7C2"],
    ),
    "blanks around a URL do not count": (get("url: ' /a?x '"), ["GET %20/a?x"], ["GET /a?x"]),
    "two slashes at the start are one": (get("url: '//a?x'"), [FAILS], ["GET /a?x"]),
    "a colon does not make a scheme": (get("url: 'a:b?x'"), ["GET b?x"], ["GET /a:b?x"]),
    "null params are left out and lists repeat": (
        get("url: /a, params: {n: null, l: [1, 2]}"),
        ["GET /a?l=%5B1+2%5D&n=%3Cnil%3E"],
        ["GET /a?l=1&l=2"],
    ),
    "a map in params is JSON": (
        get("url: /a, params: {m: {b: 1}}"),
        ["GET /a?m=map%5Bb%3A1%5D"],
        ["GET /a?m=%7B%22b%22:1%7D"],
    ),
    "a method may be an expression": (
        request("request: {method: $m, url: '/a?x'}", ", variables: {m: PUT}"),
        [],
        ["PUT /a?x"],
    ),
    "a request needs a method": (request("request: {url: '/a?x'}"), ["GET /a?x"], [FAILS]),
    # Headers, cookies, redirects
    "a Host header is sent": (
        get("url: '/a?x', headers: {Host: shop.test}"),
        ["GET /a?x"],
        ["GET /a?x {host: shop.test}"],
    ),
    "the length of a body is ours to tell": (
        get("url: '/a?x', headers: {Content-Length: 5}"),
        [FAILS],
        ["GET /a?x"],
    ),
    "header names ignore case when a step overrides": (
        get("url: '/a?x', headers: {X-A: step}", ", headers: {x-a: config}"),
        ["GET /a?x {x-a: config; step}"],
        ["GET /a?x {x-a: step}"],
    ),
    "a step's cookie replaces the one that was set": (
        get("url: '/login?x'")
        + "  - {name: b, request: {method: GET, url: '/b?x', cookies: {sid: own}}}\n",
        ["GET /login?x", "GET /b?x {cookie: sid=own; sid=s1}"],
        ["GET /login?x", "GET /b?x {cookie: sid=own}"],
    ),
    "cookies are sent as they are written": (
        get("url: '/a?x', cookies: {a: é}"),
        ["GET /a?x {cookie: a=}"],
        ["GET /a?x {cookie: a=Ã©}"],
    ),
    "redirects can be turned off": (
        get("url: '/away?x', allow_redirects: false"),
        ["GET /away?x", "GET /arrived?from=away {referer: $URL/away?x}"],
        ["GET /away?x"],
    ),
    "a redirect tells no referer": (
        get("url: '/away?x'"),
        ["GET /away?x", "GET /arrived?from=away {referer: $URL/away?x}"],
        ["GET /away?x", "GET /arrived?from=away"],
    ),
    # Bodies
    "any JSON value is a body": (post("json: 5"), [FAILS], ["POST /a?x 5"]),
    "a text under json is JSON": (post("json: s"), ["POST /a?x s"], ['POST /a?x "s"']),
    "a number is a body": (post("data: 5"), [FAILS], ["POST /a?x 5"]),
    "an empty body is not chunked": (
        post("data: ''"),
        ["POST /a?x {transfer-encoding: chunked}"],
        ["POST /a?x"],
    ),
    "a content type for JSON is kept": (
        post("headers: {Content-Type: text/x-json}, json: [1]"),
        ["POST /a?x [1]"],
        ["POST /a?x [1] {content-type: text/x-json}"],
    ),
    "keys of JSON keep their order and their signs": (
        post("json: {b: <&>, a: 2.0}"),
        ['POST /a?x {"a":2,"b":"\\u003c\\u0026\\u003e"}'],
        ['POST /a?x {"b":"<&>","a":2.0}'],
    ),
    "a date is a text": (
        post("json: {d: 2001-01-01}"),
        ['POST /a?x {"d":"2001-01-01T00:00:00Z"}'],
        ['POST /a?x {"d":"2001-01-01"}'],
    ),
    "integers of any size are exact": (
        post("json: [99999999999999999999999]"),
        ["POST /a?x [1e+23]"],
        ["POST /a?x [99999999999999999999999]"],
    ),
    "null in a form is left out and lists repeat": (
        post(
            "headers: {Content-Type: application/x-www-form-urlencoded}, data: {n: null, l: [1, 2]}"
        ),
        ["POST /a?x l=%5B1+2%5D&n=%3Cnil%3E {content-type: application/x-www-form-urlencoded}"],
        ["POST /a?x l=1&l=2 {content-type: application/x-www-form-urlencoded}"],
    ),
    "a plain name of a file is uploaded as the file": (
        post("upload: {f: note.txt}"),
        ['POST /a?x name="f"|note.txt'],
        ['POST /a?x name="f"; filename="note.txt"|content-type: text/plain|a note'],
    ),
    "a semicolon in a text of an upload": (
        post("upload: {f: a;b, g: c=d}"),
        ['POST /a?x name="f"|b name="g"|'],
        ['POST /a?x name="f"|a;b name="g"|c=d'],
    ),
}

"""Cases that both programs run: those they treat alike, and those where they differ."""

from __future__ import annotations

HEAD = 'config: {name: x, base_url: "$URL"}\nteststeps:\n'

FILES = {
    "proj.json": '{"project_name": "x"}',
    ".env": "REGION=eu\n",
    "note.txt": "a note\n",
    "rows.csv": "user,code\namy,007\nbob,1.50\n",
    "api/item.yml": """
name: item
variables: {id: 1, kind: api}
request: {method: GET, url: "/items/$id", params: {kind: $kind}}
extract: {found: body.token, price: body.price}
validate: [{eq: [status_code, 200]}]
""",
    "inner.yml": """
config: {name: inner, base_url: "$URL", variables: {who: nobody, own: mine}, export: [token]}
teststeps:
  - name: log in
    request: {method: POST, url: /login, json: {who: $who, own: $own}}
    extract: {token: body.token}
    validate: [{eq: [status_code, 200]}]
""",
}

ALIKE = {
    "methods": HEAD
    + """
  - {name: a, request: {method: GET, url: /a}}
  - {name: b, request: {method: put, url: /b, json: {x: 1}}}
  - {name: c, request: {method: DELETE, url: /c}}
  - {name: d, request: {method: HEAD, url: /d}}
  - {name: e, request: {method: PATCH, url: /e, body: text}}
  - {name: f, request: {method: OPTIONS, url: /f}}
""",
    "JSON bodies": HEAD
    + """
  - {name: a, request: {method: POST, url: /a, json: {b: 1, a: [1, 2.5, x, true, null], t: {c: é}}}}
  - {name: b, request: {method: POST, url: /a, json: [1, {a: b}]}}
  - {name: c, request: {method: POST, url: /a, body: {a: 1}}}
  - {name: d, request: {method: POST, url: /a, json: {}}}
  - name: e
    request: {method: POST, url: /a, headers: {Content-Type: application/json}, body: '{"a":  1}'}
""",
    "text and form bodies": HEAD
    + """
  - {name: a, request: {method: POST, url: /a, data: plain text}}
  - {name: b, request: {method: POST, url: /a, body: "<a>é</a>", headers: {Content-Type: text/xml}}}
  - name: c
    request:
      method: POST
      url: /a
      headers: {Content-Type: application/x-www-form-urlencoded}
      data: {b: 1, a: "x y&z", c: é, d: true, e: 1.5}
  - name: d
    request:
      method: POST
      url: /a
      headers: {Content-Type: application/x-www-form-urlencoded}
      body: a=1&b=2
""",
    "the first body given counts": HEAD
    + """
  - {name: a, request: {method: POST, url: /a, json: {j: 1}, data: {d: 1}}}
""",
    "params": HEAD
    + """
  - {name: a, request: {method: GET, url: /a, params: {b: 2, a: x y, c: é, d: "", e: true, f: 1.5}}}
  - {name: b, request: {method: GET, url: "/a?z=1&y=%20", params: {b: 2}}}
  - {name: c, request: {method: GET, url: "/a?z=1"}}
""",
    "url joins": """
config: {name: x, base_url: "$URL/base/?lost=1"}
teststeps:
  - {name: a, request: {method: GET, url: /a}}
  - {name: b, request: {method: GET, url: a/b}}
  - {name: c, request: {method: GET, url: "/a///b"}}
  - {name: d, request: {method: GET, url: "/a/../b/./c?x=1"}}
  - {name: e, request: {method: GET, url: ""}}
  - {name: f, request: {method: GET, url: "$URL/absolute"}}
""",
    "headers": """
config: {name: x, base_url: "$URL", headers: {X-A: config, X-B: both}}
teststeps:
  - name: a
    variables: {v: 7}
    request: {method: GET, url: /a, headers: {X-B: step, x-lower: "$v", X-Num: 5, X-Text: 1.50}}
  - {name: b, request: {method: GET, url: /b, headers: {X-Bool: true, ":authority": no}}}
""",
    "cookies": HEAD
    + """
  - {name: a, request: {method: GET, url: /a, cookies: {one: "1", two: x}}}
  - {name: b, request: {method: POST, url: /login}}
  - {name: c, request: {method: GET, url: /c, cookies: {own: "1"}}}
""",
    "redirects": HEAD
    + """
  - {name: a, request: {method: GET, url: /away}, validate: [{eq: [body.path, /arrived]}]}
  - {name: b, request: {method: POST, url: /away/post, json: {a: 1}}}
""",
    "extract and reuse": HEAD
    + """
  - name: a
    request: {method: GET, url: /a}
    extract:
      token: body.token
      n: body.n
      price: body.price
      name: body.items[1].name
      kind: headers.Content-Type
      status: status_code
    validate:
      - eq: [status_code, 200]
      - {check: $token, assert: startswith, expect: tok}
      - gt: [body.n, 4]
      - len_eq: [body.items, 2]
      - contains: [body.token, ok]
      - regex_match: [body.token, "tok-\\\\d"]
  - name: b
    request:
      method: POST
      url: /b/$token/${n}x
      headers: {X-Kind: $kind}
      json:
        {token: $token, n: $n, price: $price, name: $name, status: $status, text: "n=$n p=$price"}
""",
    "variables and their precedence": """
config:
  name: x
  base_url: $URL
  environs: {REGION: us, place: env}
  variables: {a: 1, b: config, c: "${max($a, 3.5)}", place: config}
teststeps:
  - name: a
    variables: {b: step, d: "$b-$a", e: $d}
    request:
      {method: POST, url: /a, json: {a: $a, b: $b, c: $c, d: $d, e: $e, r: $REGION, p: $place}}
  - {name: b, request: {method: POST, url: /b, json: {b: $b, "k$a": "${a}_"}}}
  - name: c
    variables: {token: step}
    request: {method: GET, url: /c}
    extract: {token: body.token}
  - {name: d, request: {method: GET, url: /d/$token}}
  - {name: e, variables: {token: step}, request: {method: GET, url: /e/$token}}
""",
    "expressions": """
config: {name: x, base_url: $URL, variables: {n: 2, s: abc, list: [1, x], m: {k: 1}}}
teststeps:
  - name: a
    request:
      method: POST
      url: /a
      json:
        typed: $n
        text: "n=$n"
        dollar: "US$$5"
        lone: "a $ b $5 ${}"
        list: $list
        map: $m
        call: ${max($n, 3.25)}
        joined: "a${max($n, 3.25)}b"
        part: $s.x
        digest: "${md5(abc)}"
        split: "${split_by_comma($csv)}"
        env: ${ENV(REGION)}
    variables: {csv: "p,q"}
""",
    "api references": HEAD
    + """
  - {name: a, api: api/item.yml}
  - {name: b, api: api/item.yml, variables: {id: 9}}
  - {name: c, variables: {kind: $kind}, api: api/item.yml}
  - {name: d, request: {method: GET, url: /d/$found/$price}}
""",
    "case references": HEAD
    + """
  - {name: a, testcase: inner.yml, variables: {who: amy}, export: [token]}
  - {name: b, request: {method: GET, url: /b/$token}}
  - {name: c, testcase: inner.yml}
""",
    "parameters from a CSV file": """
config: {name: x, base_url: $URL, parameters: {user-code: "${P(rows.csv)}"}}
teststeps:
  - {name: a, request: {method: POST, url: /a/$user, json: {code: $code, text: "<$code>"}}}
""",
    "parameters from lists": """
config:
  name: x
  base_url: $URL
  parameters: {a-b: [[1, x], [2.5, true]]}
  parameters_setting: {limit: 3}
teststeps:
  - {name: a, request: {method: POST, url: /a, json: {a: $a, b: $b}}}
""",
    "typed values": HEAD
    + """
  - name: a
    request:
      method: POST
      url: /a
      json:
        yes: yes
        off: off
        time: 12:30
        octal: 0777
        new_octal: 0o17
        hex: 0x1F
        binary: 0b11
        grouped: 1_000
        float: 1.25e1
        nothing: null
        quoted: "5"
""",
    "upload": HEAD
    + """
  - name: a
    request: {method: POST, url: /a, upload: {note: "@note.txt", text: hello, n: 5, at: '"@x"'}}
  - name: b
    request: {method: POST, url: /b, upload: {f: "@note.txt;type=text/markdown;filename=b.md"}}
""",
    "pauses, transactions, meetings and repetitions": """
config: {name: x, base_url: $URL, think_time: {strategy: ignore}}
teststeps:
  - {name: t, think_time: {time: 3600}}
  - {name: s, transaction: {name: t, type: start}}
  - {name: a, loops: 3, request: {method: GET, url: /a}}
  - {name: e, transaction: {name: t, type: end}}
  - {name: r, rendezvous: {name: r, number: 5}}
  - {name: b, request: {method: GET, url: /b}}
""",
}

# What the first (or, where named, the last) request holds: theirs, then ours.
DIFFERENT = {
    "a slash is added to a path": (
        HEAD + "\n  - {name: a, request: {method: GET, url: /a/b}}\n",
        "/a/b/",
        "/a/b",
    ),
    "a whole float is sent as an integer": (
        HEAD + "\n  - {name: a, request: {method: POST, url: /a, json: {a: 2.0}}}\n",
        '{"a":2}',
        '{"a":2.0}',
    ),
    "characters of HTML are escaped in JSON": (
        HEAD + "\n  - {name: a, request: {method: POST, url: /a, json: {a: <b>}}}\n",
        '{"a":"\\u003cb\\u003e"}',
        '{"a":"<b>"}',
    ),
    "lists in the query are printed as Go prints them": (
        HEAD + "\n  - {name: a, request: {method: GET, url: /a, params: {l: [1, 2]}}}\n",
        "l=%5B1+2%5D",
        "l=1&l=2",
    ),
    "a large integer loses its last digits": (
        HEAD
        + """
  - {name: a, request: {method: GET, url: /a}, extract: {big: body.big}}
  - {name: b, request: {method: POST, url: /b, json: {big: $big}}}
""",
        '{"big":9007199254740992}',
        '{"big":9007199254740993}',
    ),
    "a redirect is followed though it was not to be": (
        HEAD + "\n  - {name: a, request: {method: GET, url: /away, allow_redirects: false}}\n",
        "from=away",
        "/away",
    ),
}

"""Hold cases that both programs run in the same way, and the files that they need."""

from __future__ import annotations

HEAD = 'config: {name: x, base_url: "$URL"}\nteststeps:\n'

FILES = {
    "proj.json": '{"project_name": "x"}',
    ".env": "REGION=eu\n",
    "note.txt": "a note\n",
    "dollar.csv": "v\npa$word\n",
    "blank.csv": 'v\n"  x "\n',
    "quoted.csv": 'a,b\n"x,y","say ""hi"""\n\n,é\n',
    "rows.csv": "user,code\namy,007\nbob,1.50\n",
    "api/item.yml": """
name: item
variables: {id: 1, kind: api}
request: {method: GET, url: "/items/$id", params: {kind: $kind}}
extract: {found: body.token, price: body.price}
validate: [{eq: [status_code, 200]}]
""",
    "api/wrong.yml": """
name: wrong
request: {method: GET, url: /wrong}
validate:
  - {check: body.n, assert: less_than, expect: 0}
  - {check: status_code, assert: equals, expect: 500}
""",
    "params.yml": """
config: {name: x, base_url: "$URL", parameters: {q: [1, 2]}, variables: {q: 0}}
teststeps:
  - {name: a, request: {method: POST, url: /n, json: {q: $q}}}
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
    "percent-escapes": """
config: {name: x, base_url: "$URL", variables: {part: "a%2Fb"}}
teststeps:
  - {name: a, request: {method: GET, url: "/a%2Fb%2f%3D%25%20%41%7E?x=%2F%2f%3D%26%25%20+%2B"}}
  - {name: b, request: {method: GET, url: "$URL/a%2Fb?x=%2F", params: {y: "%2F &=+/?"}}}
  - {name: c, request: {method: GET, url: "/$part?x=$part"}}
""",
    "names that are expressions": """
config: {name: x, base_url: "$URL", variables: {k: key, v: 5}, headers: {"X-$k": config}}
teststeps:
  - name: a
    request: {method: POST, url: /a, params: {$k: $v}, headers: {"Y-$k": step}, json: {$k: $v}}
""",
    "bodies that are JSON already": HEAD
    + """
  - {name: a, request: {method: POST, url: /a, json: '{"a":  [1, 2.0]}'}}
  - {name: b, request: {method: POST, url: /a, json: '[1, "x"]'}}
  - {name: c, variables: {v: '{"a": 1}'}, request: {method: POST, url: /a, json: $v}}
  - {name: d, request: {method: POST, url: /a, json: null}}
  - {name: e, request: {method: POST, url: /a, data: null}}
""",
    "values of cookies": HEAD
    + """
  - {name: a, request: {method: GET, url: /a, cookies: {a: x y, b: "1,2", c: "", d: 1.50}}}
  - {name: b, request: {method: GET, url: /a, headers: {Cookie: "h=1; i=2"}, cookies: {c: "3"}}}
  - {name: c, request: {method: GET, url: /login, headers: {Cookie: "h=1"}}}
  - {name: d, request: {method: GET, url: /a, headers: {Cookie: "h=1"}}}
""",
    "a user in the URL": HEAD
    + """
  - {name: a, request: {method: GET, url: "http://amy:p%40ss@$HOST/a"}}
  - {name: b, request: {method: GET, url: "http://amy@$HOST/a", headers: {Authorization: own}}}
""",
    "where a variable comes from": """
config:
  name: x
  base_url: $URL
  environs: {e: environ, f: environ, REGION: us}
  variables: {c: config, e: config, p: config, s: config, joined: "<$c>"}
  parameters: {p: [1, two], f: [row]}
teststeps:
  - name: a
    variables: {s: step, own: "$p-$s", c: step}
    request:
      method: POST
      url: /a
      json: {c: $c, e: $e, f: $f, p: $p, s: $s, own: $own, joined: $joined, r: $REGION}
  - {name: b, request: {method: GET, url: /b}, extract: {p: body.n, e: body.token}}
  - {name: c, request: {method: POST, url: /c, json: {c: $c, e: $e, p: $p, s: $s}}}
  - {name: d, variables: {p: step, base_url: $URL/step}, request: {method: GET, url: "/$p"}}
""",
    "cells of a CSV file": """
config: {name: x, base_url: $URL, parameters: {a-b: "${parameterize(quoted.csv)}"}}
teststeps:
  - {name: a, request: {method: POST, url: /a, json: {a: $a, b: $b}}}
""",
    "lists of maps, and a limit beyond their end": """
config:
  name: x
  base_url: $URL
  variables: {rows: [7, 8]}
  parameters: {u-v: [{u: 1, v: x, w: no}, {v: y, u: 2}], r: $rows}
  parameters_setting: {limit: 1, strategies: {r: {name: r, pick_order: sequential}}}
teststeps:
  - {name: a, request: {method: POST, url: /a, json: {u: $u, v: $v, r: $r}}}
""",
    "parameters of a reference are not used": HEAD
    + """
  - {name: a, testcase: params.yml}
  - {name: b, loops: 2, testcase: inner.yml, variables: {own: step}}
""",
    "what the parent knows is known in a reference": """
config: {name: x, base_url: "$URL", variables: {who: parent}, headers: {X-Parent: "1"}}
teststeps:
  - {name: a, request: {method: GET, url: /a}, extract: {own: body.n}}
  - {name: b, testcase: inner.yml}
  - {name: c, api: api/item.yml, extract: {n: body.n}, validate: [{eq: [body.n, 5]}]}
  - {name: d, request: {method: POST, url: /d, json: {found: $found, n: $n}}}
""",
    "arguments": """
config: {name: x, base_url: $URL, variables: {n: 2, f: 2.5, s: abc, c: "p,q", e: ""}}
teststeps:
  - name: a
    request:
      method: POST
      url: /a
      json:
        - "${max($n, $f)}"
        - "${max( -1 , 007 )}"
        - "${md5(a b)}"
        - "${md5(a=b)}"
        - "${md5(x$s)}"
        - "${md5(a/b.c-d)}"
        - "${md5($e)}"
        - "${split_by_comma($c)}"
        - "${environ(REGION)}"
        - "${ENV(NOT_THERE)}"
        - "${gen_random_string(0)}"
        - "${random_int(1)}"
        - "a${max(1,2)}b${max(3.5,1)}"
        - "$$${max(1,2)}"
        - "${max(1,2)}$n"
        - "${n}x$n-$f.$s"
""",
    "searches": HEAD
    + """
  - name: a
    variables: {key: token, at: 1}
    request: {method: GET, url: /login}
    extract:
      a: body.nope
      b: body.items[-1].name
      c: body.items[9]
      d: body.items[*].name
      e: "body.items[?name=='seven'].id"
      f: length(body.items)
      g: "body.[token, n]"
      h: cookies.sid
      i: proto
      j: body.$key
      k: body.items[$at].name
      l: foo.bar
      m: "join(',', body.items[*].name)"
      n: not_null(body.nope, body.n)
      o: body.flag
      p: body.items[::-1].id
      q: headers."Content-Type"
      r: x${key}y
      s: "@.body.n"
      t: '@.headers."Content-Type"'
  - name: b
    request:
      method: POST
      url: /b
      json: [$a, $b, $c, $d, $e, $f, $g, $h, $i, $j, $k, $l, $m, $n, $o, $p, $q, $r, $s, $t]
""",
    "searches in variables": """
config: {name: x, base_url: $URL, variables: {token: body.token, key: n}}
teststeps:
  - name: a
    variables: {n: "body.$key", first: "body.items[0].name"}
    request: {method: GET, url: /login}
    extract: {a: $token, b: $n, c: "${first}"}
    validate:
      - eq: [$token, tok-1]
      - eq: [$n, 5]
  - name: b
    request: {method: POST, url: /b, json: [$a, $b, $c, $token, "$price元"], headers: {X: $key}}
    variables: {price: 5}
  - {name: c, skip: no, request: {method: GET, url: /c}}
  - {name: d, skip: OFF, request: {method: GET, url: /d}}
""",
    "checks over those of an API": """
config: {name: x, base_url: $URL}
teststeps:
  - name: a
    api: api/wrong.yml
    validate:
      - eq: [body.n, 5]
      - gt: [status_code, 100]
  - {name: b, request: {method: GET, url: /b}}
""",
    "checks that hold": """
config: {name: x, base_url: $URL, variables: {n: 5, two: 2}}
teststeps:
  - name: a
    request: {method: GET, url: /login}
    extract: {got: body.token}
    validate:
      - eq: [$n, 5]
      - eq: [body.n, "${max(5,1)}", "a number"]
      - eq: ["a$n", a5]
      - eq: [$got, tok-1]
      - eq: [body.token, "tok-1 "]
      - eq: [body.nope, null]
      - equal: [body.price, 9.5]
      - eq: ["body.items[*].name", [seven, eight]]
      - not_equal: [body.n, 6]
      - less_than: [status_code, 300]
      - less_or_equals: [body.n, 5]
      - greater_or_equals: [body.n, $n]
      - contains: [headers.Content-Type, json]
      - contains: ["body.items[*].name", seven]
      - contains: [body, token]
      - contained_by: [status_code, [200, 201]]
      - contained_by: [body.token, x tok-1 y]
      - str_eq: [status_code, "200"]
      - string_equals: [body.flag, true]
      - equal_fold: [body.token, TOK-1]
      - endswith: [body.token, "1"]
      - regex_match: [body.token, "(?i)TOK"]
      - regex_match: [body.n, "^5$"]
      - regex_match: [body.n, 5]
      - regex_match: [body.price, 9.5]
      - length_equal: [body.items, $two]
      - count_gt: [body, 2]
      - length_less_or_equals: [body.token, 5]
      - type_match: [body.n, 1]
      - type_match: [body.token, text]
""",
    "options of an upload": HEAD
    + """
  - name: a
    variables: {f: note.txt}
    request: {method: POST, url: /a, headers: {X: "1"}, json: {a: 1}, upload: {f: "@$f;size=9"}}
  - name: b
    request: {method: POST, url: /a, upload: {a: "<b>;type=text/html", b: true, c: "", d: 1.50}}
  - name: c
    variables:
      m_upload: {f: "@note.txt", t: x}
      m_encoder: ${multipart_encoder($m_upload)}
    request:
      method: POST
      url: /a
      headers: {Content-Type: "${multipart_content_type($m_encoder)}"}
      body: $m_encoder
""",
    "arguments that are null": """
config: {name: x, base_url: $URL, variables: {n: null}}
teststeps:
  - name: a
    request:
      method: POST
      url: /a
      json:
        - "${max($n, 1)}"
        - "${max(,-1)}"
        - "${md5($n)}"
        - "${split_by_comma($n)}"
        - "${sleep($n)}"
        - "${gen_random_string($n)}"
        - "${ENV($n)}"
""",
    "loops that are empty": HEAD
    + """
  - {name: a, loops: , request: {method: GET, url: /a}}
  - {name: b, loops: null, request: {method: GET, url: /b}}
""",
    "bytes in a body": HEAD
    + """
  - {name: a, request: {method: POST, url: /a, json: {a: "${load_ws_message(note.txt)}"}}}
  - {name: b, request: {method: POST, url: /a, data: "${load_ws_message(note.txt)}"}}
""",
    "hooks with a value": HEAD
    + """
  - name: a
    setup_hooks: ["${sleep(0)}", "${md5($hrp_step_name)}"]
    teardown_hooks: ["${max(1,2)}"]
    request: {method: GET, url: /a}
""",
}

# Cases that fail in both programs, after the same requests.
FAILING = {
    "a check that does not hold": HEAD
    + """
  - {name: a, request: {method: GET, url: /a}, validate: [{eq: [status_code, 201]}]}
  - {name: b, request: {method: GET, url: /b}}
""",
    "types that are not equal": HEAD
    + """
  - {name: a, request: {method: GET, url: /a}, validate: [{eq: [status_code, "200"]}]}
""",
    "a boolean is not a text": HEAD
    + """
  - {name: a, request: {method: GET, url: /a}, validate: [{eq: [body.flag, "true"]}]}
""",
    "a number has no length": HEAD
    + """
  - {name: a, request: {method: GET, url: /a}, validate: [{len_eq: [body.n, 1]}]}
""",
    "a missing value is not a text": HEAD
    + """
  - {name: a, request: {method: GET, url: /a}, validate: [{startswith: [body.nope, t]}]}
""",
    "a reference that fails": HEAD
    + """
  - {name: a, testcase: inner.yml, variables: {who: amy}}
  - {name: b, request: {method: GET, url: /b}, validate: [{eq: [body.token, other]}]}
  - {name: c, testcase: inner.yml}
""",
    "variables in a circle": HEAD
    + """
  - {name: a, variables: {v: $w, w: $v}, request: {method: GET, url: "/$v"}}
""",
    "a name that is not defined": HEAD
    + """
  - {name: a, request: {method: GET, url: "/$nope"}}
""",
    "a list where each row needs two values": """
config: {name: x, base_url: $URL, parameters: {u-v: [[1]]}}
teststeps:
  - {name: a, request: {method: GET, url: "/$u"}}
""",
}

"""Test that scripts are read as bash reads them: variables, substitutions, pipes, functions."""

from __future__ import annotations

from pathlib import Path

import yaml
from boomtalk.engine.convert.convert import Source, convert
from boomtalk.engine.convert.har import Wanted

from tests.hrp.recording import recording
from tests.support.boomtalk_cli import run_cli

from .sending import notes_of, requests_of, sent

# bash and curl 7.88 sent the requests below for this script.
SCRIPT = r"""curl U/api/0
set -e
BASE=U/api
TOKEN="se cret"
export KIND=json
OPTS="-sS -X PUT"
curl -s "$BASE/1?k=${KIND}" -H "X-Token: $TOKEN" > out.txt 2>&1
curl ${BASE}/2 -d "{\"a\": \"${MISSING:-other}\"}" -H 'X: $BASE'
CODE=$(curl -s -o /dev/null -w '%{http_code}' "$BASE/3")
if ! curl -sf $BASE/4; then echo "no"; fi
curl $OPTS $BASE/5
look() { curl -sS "$BASE/6"; }
look
(curl $BASE/7) && curl $BASE/8|cat;curl $BASE/9 &
echo "$(curl -s "$BASE/10")" # curl $BASE/never
curl $BASE/11 -d "$(cat <<EOF
{"n": "don't :) $KIND"}
EOF
)"
curl -X POST $BASE/12 \
  -d @- <<-'END'
	$BASE "x"
	END
cat data.txt | curl -d @- $BASE/13
curl $BASE/14 --data-binary $'\x41\u00e9\'q' <<< unused
"""


def test_requests_of_a_script_are_those_that_bash_sends(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("from\na file\n")
    with recording() as recorder:
        (tmp_path / "calls.sh").write_text(SCRIPT.replace("U/", f"{recorder.url}/"))
        found = sent(recorder, tmp_path, "calls.sh")

    lines = [line.replace("/api", "") for line in found.lines()]
    assert lines == [
        *("GET /0", "GET /1?k=json", "POST /2", "GET /3", "GET /4", "PUT /5", "GET /6", "GET /7"),
        *("GET /8", "GET /9", "GET /10", "POST /11", "POST /12", "POST /13", "POST /14"),
    ]
    bodies = [one.body.decode() for one in found.requests if one.body]
    assert bodies == [
        '{"a": "other"}',
        '{"n": "don\'t :) json"}',
        '$BASE "x"',
        "froma file",
        "Aé'q",
    ]
    assert found.requests[1].header("x-token") == "se cret"
    assert found.requests[2].header("x") == "$BASE"


def test_variables_without_a_value_are_asked_for_in_the_env(tmp_path: Path) -> None:
    (tmp_path / "calls.sh").write_text(
        'curl "$BASE_URL/login" -d "{\\"user\\": \\"$NAME\\"}" -H "X-Token: $TOKEN, \\$5"\n'
        "curl -X $METHOD http://127.0.0.1:${PORT}/$1\n"
        "curl https://<your-host>/items/<id>\n"
        'curl -u "$LOGIN" http://h/\n'
        "send() { local path=$2; curl http://h/$path; }\n"
    )
    ended = run_cli("convert", "calls.sh", "-o", "cases", cwd=tmp_path)
    assert ended.code == 0, ended
    assert run_cli("check", "cases", cwd=tmp_path).code == 0

    steps = yaml.safe_load((tmp_path / "cases" / "calls.yml").read_text())["teststeps"]
    requests = [step["request"] for step in steps]
    assert requests[0]["url"] == "${ENV(BASE_URL)}/login"
    assert requests[0]["data"] == '{"user": "${ENV(NAME)}"}'
    assert requests[0]["headers"]["X-Token"] == "${ENV(TOKEN)}, $$5"
    assert requests[1]["method"] == "${ENV(METHOD)}"
    assert [one["url"] for one in requests[1:3]] == [
        "http://127.0.0.1:${ENV(PORT)}/${ENV(ARGUMENT_1)}",
        "https://${ENV(YOUR_HOST)}/items/<id>",
    ]
    assert requests[3]["headers"] == {"Authorization": "${ENV(AUTHORIZATION)}"}
    assert requests[4]["url"] == "/${ENV(PATH)}"
    assert steps[0]["name"] == "POST $$BASE_URL/login"
    wanted = "BASE_URL TOKEN NAME METHOD PORT ARGUMENT_1 YOUR_HOST AUTHORIZATION PATH"
    env = (tmp_path / "cases" / ".env").read_text()
    assert sorted(env.split()) == sorted(f"{name}=" for name in wanted.split())
    assert "calls.sh:1: step 'POST $BASE_URL/login': $TOKEN has no value yet" in ended.err


def test_commands_that_are_not_curl_are_told_once_and_keywords_never() -> None:
    notes = notes_of(
        "curl http://h/a | jq .\nwget x\nfor i in 1; do\ncurl http://h/$i | jq .\ndone"
    )

    assert "source:1: jq is not a curl command: left out" in notes
    assert "source:2: wget is not a curl command" in notes
    assert "source:3: for is not a curl command" in notes
    assert notes.count("jq") == 1
    assert "done" not in notes
    assert "$i has no value yet" in notes


def test_text_between_commands_cannot_swallow_them() -> None:
    text = (
        "Don't forget\ncurl http://h/1\nIt's\n$ curl 'http://h/2'\n{\"id\": 3}\n% curl http://h/3"
    )

    assert [request["url"] for request in requests_of(text)] == ["/1", "/2", "/3"]


def test_a_form_is_read_by_the_rules_of_curl(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    script = """curl http://h -F 'a=x;y' -F 'b="x;y"' -F 'c="x' -F 'f=@a.json' -F 'g=<a.json'"""
    found = convert([Source("source", script, tmp_path)], Wanted(), {}, "files")

    (case,) = found.cases.values()
    upload = yaml.safe_load(case)["teststeps"][0]["request"]["upload"]
    # curl gives a file of this suffix no type of its own.
    octets = "@files/a.json;type=application/octet-stream"
    assert upload == {"a": "x", "b": '"x;y"', "c": '""x"', "f": octets, "g": '"{}"'}

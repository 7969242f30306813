"""Test that converted curl commands send the same requests."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from boomtalk.engine.convert.convert import Source, convert
from boomtalk.engine.convert.har import Wanted
from boomtalk.engine.errors import CaseError

from tests.hrp.recording import recording

from .sending import notes_of, requests_of, sent

# The request that curl 7.88 sent for each command: method and target, content type, body.
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
COMMANDS: list[tuple[str, str, str, bytes]] = [
    ("curl 'U/a?x=1&y=a%20b&z=%3D'", "GET /a?x=1&y=a%20b&z=%3D", "", b""),
    ("curl 'U?a=&b&c=1'", "GET /?a=&b&c=1", "", b""),
    ("curl -X DELETE U/f/1", "DELETE /f/1", "", b""),
    ("curl -I U/head", "HEAD /head", "", b""),
    ("curl -sSLkG U/q -d a=1 --data-urlencode 'b= c'", "GET /q?a=1&b=+c", "", b""),
    ("curl U/f -d a=1 -d 'b=x y' -d 'c=$d'", "POST /f", FORM, b"a=1&b=x y&c=$d"),
    ("curl U/f -d 'a=1&a=2&b=3'", "POST /f", FORM, b"a=1&a=2&b=3"),
    ("curl U/f -d 'a=1&b=3&a=2'", "POST /f", FORM, b"a=1&b=3&a=2"),
    ("curl U/f --data-urlencode 'a=1 2&3'", "POST /f", FORM, b"a=1+2%263"),
    ("curl U/f -d ''", "POST /f", FORM, b""),
    ("curl U/f --data-raw @x -H 'Content-Type: text/a'", "POST /f", "text/a", b"@x"),
    ("curl U/f -d @data.txt -H 'Content-Type: text/a'", "POST /f", "text/a", b"hello $x"),
    ("curl U/f --data-binary @data.txt -H 'Content-Type: t/a'", "POST /f", "t/a", b"hello $x\n"),
    (
        r"curl U/f --data-raw $'one\n two\t$x\r\n ' -H 'Content-Type: t/a'",
        "POST /f",
        "t/a",
        b"one\n two\t$x\r\n ",
    ),
    ("curl U/j -H 'Content-Type: application/json' -d 'null'", "POST /j", JSON, b"null"),
    (
        "curl -X PUT U/j -H 'Content-Type: application/json' -d '{\"a\":1,\"a\":2}'",
        "PUT /j",
        JSON,
        b'{"a":1,"a":2}',
    ),
    (
        'curl --json \'["$k", " x ", "1e3", "0o17", "yes", 12345678901234567890, "\\n"]\' U/j',
        "POST /j",
        JSON,
        b'["$k"," x ","1e3","0o17","yes",12345678901234567890,"\\n"]',
    ),
    ("curl --json '{\"a\":' --json ' 1}' U/j", "POST /j", JSON, b'{"a":1}'),
    ("curl -d a --json b --json c -d e U/j", "POST /j", JSON, b"abc&e"),
    (
        "curl --url-query 'q=a b' --url-query '+r=%20' 'U/q?z=1#f'",
        "GET /q?z=1&q=a+b&r=%20",
        "",
        b"",
    ),
    ("curl -G -d a=1 --url-query b=2 U/q", "GET /q?a=1", "", b""),
    ("curl -T data.txt U/up/", "PUT /up/data.txt", "", b"hello $x\n"),
    ("curl -T data.txt U/up -X POST", "POST /up", "", b"hello $x\n"),
    ("curl U/1 -d a --next U/2", "POST /1", FORM, b"a"),
    ("", "GET /2", "", b""),
    ("curl 'U/{a,b}?x=[08-09]'", "GET /a?x=08", "", b""),
    ("", "GET /a?x=09", "", b""),
    ("", "GET /b?x=08", "", b""),
    ("", "GET /b?x=09", "", b""),
    ("curl --globoff 'U/g?x={1}'", "GET /g?x=%7B1%7D", "", b""),
    ("curl -K options.txt", "PUT /k", FORM, b'x="1"\t2'),
    ("curl -d @- U/i <<EOF\n{\n it's 5}\nEOF", "POST /i", FORM, b"{ it's 5}"),
    ("curl --data-binary @- U/i < data.txt", "POST /i", FORM, b"hello $x\n"),
    ("echo one | curl -d @- U/i", "POST /i", FORM, b"one"),
    ("curl -d @nothing U/e", "POST /e", FORM, b""),
    ("curl --data-urlencode n@data.txt -d=x U/f", "POST /f", FORM, b"n=hello+%24x%0A&=x"),
    ("curl -d x -H 'Content-Type:' U/f", "POST /f", "", b"x"),
    ("curl --request=PUT U/e --data=a", "PUT /e", FORM, b"a"),
    ("curl -d 'a^b' U/f -d \"c^\nd\"", "POST /f", FORM, b"a^b&c^\nd"),
    (
        "curl U/x -H 'Content-Type: text/xml' -d '<a b=\"$c\"/>'",
        "POST /x",
        "text/xml",
        b'<a b="$c"/>',
    ),
]


OPTIONS = r"""
# an option on each line, with dashes or without
url = "U/k"
data = "x=\"1\"\t2"
-X "PUT"
silent
"""


def test_requests_are_sent_as_curl_sends_them(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("hello $x\n")
    with recording() as recorder:
        script = "\n".join(command for command, *_ in COMMANDS).replace("U/", f"{recorder.url}/")
        (tmp_path / "calls.sh").write_text(script.replace("U?", f"{recorder.url}?"))
        (tmp_path / "options.txt").write_text(OPTIONS.replace("U/", f"{recorder.url}/"))
        found = sent(recorder, tmp_path, "calls.sh")

    assert found.lines() == [line for _, line, _, _ in COMMANDS]
    assert [(one.header("content-type"), one.body) for one in found.requests] == [
        (content_type, body) for _, _, content_type, body in COMMANDS
    ]


def test_headers_cookies_and_credentials_are_sent_and_not_written(tmp_path: Path) -> None:
    command = (
        "curl U/c -u 'bob:p$w' -b 'sid=$x y; lang=en' -A 'my agent' -e http://ref/ "
        "-H 'X-Empty;' -H 'Accept:' -H 'X-N: 1.50' -H 'X-B: yes' -H 'X-Api-Key: top-secret'"
    )
    with recording() as recorder:
        (tmp_path / "c.sh").write_text(command.replace("U", recorder.url))
        (request,) = sent(recorder, tmp_path, "c.sh").requests

    headers = dict(request.headers)
    assert headers["authorization"] == "Basic Ym9iOnAkdw=="
    assert headers["cookie"] == "sid=$x y; lang=en"
    assert headers["user-agent"] == "my agent"
    assert headers["referer"] == "http://ref/"
    assert (headers["x-empty"], headers["x-n"], headers["x-b"]) == ("", "1.50", "yes")
    assert headers["x-api-key"] == "top-secret"
    written = (tmp_path / "cases" / "c.yml").read_text()
    assert not any(secret in written for secret in ("Ym9i", "$x y", "top-secret"))
    assert (tmp_path / "cases" / ".env").stat().st_mode & 0o777 == 0o600


def test_the_user_of_a_url_goes_into_a_header_and_the_env() -> None:
    text = """
        curl http://amy:p%40ss@shop.example/a
        curl 'http://amy:p%40ss@shop.example/b?to=http://x:y@z/'
        curl http://amy@shop.example/c -H 'Authorization: Bearer x'
        """
    found = convert([Source("source", text)], Wanted(), {}, "files")

    (written,) = found.cases.values()
    case = yaml.safe_load(written)
    assert case["config"]["base_url"] == "http://shop.example"
    requests = [step["request"] for step in case["teststeps"]]
    assert [one["url"] for one in requests] == ["/a", "/b", "/c"]
    assert requests[1]["params"] == {"to": "http://x:y@z/"}
    assert [one["headers"]["Authorization"] for one in requests] == [
        "${ENV(AUTHORIZATION)}",
        "${ENV(AUTHORIZATION)}",
        "${ENV(AUTHORIZATION_2)}",
    ]
    assert found.environment == {
        "AUTHORIZATION": "Basic YW15OnBAc3M=",
        "AUTHORIZATION_2": "Bearer x",
    }
    assert "amy" not in written


def test_forms_with_files_are_uploaded(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("hello $x\n")
    command = (
        "curl U/up -F note=plain -F 'q=\"x;y $z\"' -F 'page=<data.txt' -F 'html=a;type=text/html' "
        "-F 'f=@data.txt;type=text/x-y;filename=z.txt' --form-string raw=@x -F name=data.txt"
    )
    with recording() as recorder:
        (tmp_path / "c.sh").write_text(command.replace("U", recorder.url))
        (request,) = sent(recorder, tmp_path, "c.sh").requests

    parts = request.normal().partition(b"\n")[2].splitlines()
    told = b'content-disposition: form-data; name="'
    assert b"".join(parts).count(told) == 7
    for part in (
        told + b'note"|plain',
        told + b'q"|x;y $z',
        told + b'html"|content-type: text/html|a',
        told + b'raw"|@x',
        told + b'name"|data.txt',
        told + b'f"; filename="z.txt"|content-type: text/x-y|hello $x',
    ):
        assert part in parts


def test_each_command_of_a_script_becomes_a_step() -> None:
    requests = requests_of(
        "$ curl http://h/one  # first\ncurl http://h/two && curl \\\n  http://h/three;\n"
    )

    assert [request["url"] for request in requests] == ["/one", "/two", "/three"]


def test_redirects_and_certificates_are_as_curl_has_them() -> None:
    plain, other = requests_of("curl https://h/a -m 2.5\ncurl -Lk https://h/b")

    assert (plain["allow_redirects"], plain["timeout"]) == (False, 2.5)
    assert "verify" not in plain
    assert other["verify"] is False
    assert "allow_redirects" not in other


def test_what_is_not_converted_is_told_with_its_line() -> None:
    notes = notes_of('\ncurl http://h/ -x http://p --nope -o out -H "A: $TOKEN" | jq .')

    step = "source:2: step 'GET /'"
    assert f"{step}: --proxy is not converted (give the command --proxy)" in notes
    assert f"{step}: --nope is not converted" in notes
    assert f"{step}: $TOKEN has no value yet (give it with -e or in .env)" in notes
    assert "source:2: jq is not a curl command" in notes
    assert "--output" not in notes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("curl 'http://h", "source:1: a quote is never closed"),
        ("curl http://h -d", "source:1: --data needs a value"),
        ("curl -v", "source:1: there is no URL in it"),
        ("curl http://h -I -d a", "curl does not send --data and --head in one request"),
        ("curl http://h -F a", "--form needs name=content, not 'a'"),
        ("curl --dat a http://h", "--dat may be --data or --data-ascii"),
        ("curl -X 'A B' http://h", "'A B' is not an HTTP method"),
        ("curl ftp://h/a", "ftp is not converted (only HTTP is)"),
    ],
)
def test_a_command_that_cannot_be_read_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(CaseError, match=r"source") as raised:
        requests_of(text)

    assert told in str(raised.value)

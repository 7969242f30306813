"""Test that convert tells what a case cannot express, and keeps all other commands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from boomtalk.engine.convert.convert import Source, convert
from boomtalk.engine.convert.har import Wanted
from boomtalk.engine.errors import CaseError

from tests.hrp.recording import recording

from .sending import notes_of, requests_of, sent


@pytest.mark.parametrize(
    "bad",
    [
        "curl 'http://h/it's'",
        "curl http://h -d",
        "curl http://h -F a=b -d c",
        "curl gopher://h/",
        "curl --cookie",
    ],
)
def test_a_bad_command_is_told_and_spoils_no_other(bad: str) -> None:
    script = f"curl http://h/one\n{bad}\ncurl 'http://h/two'\n"

    assert [request["url"] for request in requests_of(script)] == ["/one", "/two"]
    (note,) = notes_of(script).splitlines()
    assert note.startswith("source:2: ")
    assert "the command is left out" in note


TOLD = [
    ("--digest -u amy:secret1", "--digest is not converted (no Authorization is sent"),
    ("--ntlm -u amy:secret1", "--ntlm is not converted (no Authorization is sent"),
    ("--aws-sigv4 aws:amz -u a:secret1", "--aws-sigv4 is not converted (no Authorization"),
    ("-b jar.txt", "--cookie jar.txt: the cookies of a file are not converted"),
    ("-d @-", "--data reads stdin, which is not known: it is left out"),
    ("--json @-", "--json reads stdin"),
    ("--data-urlencode name@-", "--data-urlencode reads stdin"),
    ("--url-query name@-", "--url-query reads stdin"),
    ("-H @-", "--header reads stdin"),
    ("-T -", "--upload-file reads stdin"),
    ("-F 'f=<-'", "--form f reads stdin"),
    ("-K -", "--config reads stdin"),
    ("-d @nothing", "--data nothing: there is no such file"),
    ("--data-binary @bytes", "bytes is not UTF-8 text: --data-binary is left out"),
    ("-H Accept:", "Accept is sent all the same (a case cannot take it away)"),
    ("-A ''", "User-Agent is sent all the same"),
    ("-u amy", "--user has no password"),
    ("-C -", "--continue-at is not converted"),
    ("-z 2030-01-01", "--time-cond is not converted"),
    ("-F 'f=a;headers=\"X: 1\"'", "headers of the form's field 'f' is not converted"),
    ("-F 'f=@data.txt;filename=\"a;b\"'", "the filename 'a;b' is not converted"),
    ("-m soon", "--max-time soon is not a number"),
    ("--connect-timeout 3", "--connect-timeout is not converted"),
    ("--compressed-ssh --retry 3", "--retry is not converted (a failed step is never sent again)"),
    ('-d "$(date) $NAME"', "$(date) is kept as text"),
    ('-d "$(date) $NAME"', "$NAME has no value yet (give it with -e or in .env)"),
    ("'http://h/[z'", "curl does not read [ in a URL: it is kept as it is"),
    ("'http://h/[1-999]'", "only the first 100 are converted"),
]


@pytest.mark.parametrize(("options", "told"), TOLD)
def test_what_is_lost_is_told_with_line_and_step(options: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "data.txt").write_text("hello")
    script = f"\ncurl http://h/a {options}\ncurl http://h/other"
    found = convert([Source("source", script, tmp_path)], Wanted(), {}, "files")
    (case,) = found.cases.values()
    notes = [str(note) for note in found.notes]

    assert any(note.startswith("source:2: step '") and told in note for note in notes), notes
    assert not any(note.startswith("source:3") for note in notes)
    assert yaml.safe_load(case)["teststeps"][-1]["request"]["url"] == "/other"
    assert "secret1" not in case + str(found.environment)


@pytest.mark.parametrize(
    "script",
    [
        'curl "http://h/a?b=1&c=2" ^\n  -H "a: b" ^\n  -d "{\\"a\\":\\"b\\"}"',
        'curl ^"http://h/^" -H ^"a: b^"',
        'curl "http://h/" --data-raw "{""a"":1}"',
        'curl "%URL%/a" -d x',
        'curl.exe http://h `\n  -H "a: b"',
        '$s = New-Object x\nInvoke-WebRequest -Uri "http://h" `\n-Method "POST"',
    ],
)
def test_a_copy_for_a_shell_of_windows_is_refused(script: str) -> None:
    with pytest.raises(CaseError, match="this is for a shell of Windows") as raised:
        requests_of(script)

    assert 'copy it as "cURL (bash)"' in str(raised.value)


def test_a_caret_and_a_percent_sign_are_data_in_a_bash_command() -> None:
    script = """curl 'http://h/?d=%e4%bd%a0' -d 'a^b' -d "c^
d" -d "^\\"e^\\"" -w '%{http_code}' -H "X: $(date +%Y%m%d)" -H 'Y: ^"q^"'"""
    (request,) = requests_of(script)

    assert request["data"] == 'a^b&c^\nd&^"e^"'
    assert request["headers"]["Y"] == '^"q^"'


def test_headers_and_credentials_are_sent_as_curl_sends_them(tmp_path: Path) -> None:
    (tmp_path / "headers.txt").write_text("X-A: 1\r\nX-B: 2\nignored\n")
    script = """
        curl U/1 -r 600 -H @headers.txt -H 'Accept:' -H ignored
        curl U/2 -u amy: -C 100 -e 'http://ref/;auto'
        curl http://amy:p%40ss%3A@HOST/3
        curl U/4 -u amy:x -H 'Authorization: mine'
        curl U/5 -u amy:x --oauth2-bearer T0
        curl http://bob:q@HOST/6 -u amy:x
        curl U/7 --digest -u amy:x
        curl U/8 -b a=1 -b 'b=2; c=3' -H 'Cookie: d=4'
        """
    with recording() as recorder:
        text = script.replace("U/", f"{recorder.url}/")
        (tmp_path / "c.sh").write_text(text.replace("HOST", recorder.url.removeprefix("http://")))
        found = sent(recorder, tmp_path, "c.sh").requests

    names = ("authorization", "range", "x-a", "x-b", "referer", "cookie")
    seen = [{name: one.header(name) for name in names if one.header(name)} for one in found]
    assert seen == [
        {"range": "bytes=600-", "x-a": "1", "x-b": "2"},
        {"authorization": "Basic YW15Og==", "range": "bytes=100-", "referer": "http://ref/"},
        {"authorization": "Basic YW15OnBAc3M6"},
        {"authorization": "mine"},
        {"authorization": "Bearer T0"},
        {"authorization": "Basic YW15Ong="},
        {},
        {"cookie": "d=4"},
    ]
    written = (tmp_path / "cases" / "c.yml").read_text()
    assert not any(secret in written for secret in ("p%40ss", "YW15", "mine", "T0"))

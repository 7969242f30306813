"""Test which texts are masked: values in every spelling, and what stands under secret names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from boomtalk.engine.case.loader import load_cases
from boomtalk.engine.output.known_values import KnownValues
from boomtalk.engine.output.masking import Mask
from boomtalk.engine.output.secret_names import NameRules
from hypothesis import given
from hypothesis import strategies as st

from tests.support.spellings import SPELLINGS

SECRET = "p\"ss w0rd&1é'<%41\\n😀+/"
CASE = """
config: {name: a, variables: {password: from-the-case}}
teststeps:
- name: b
  request: {method: GET, url: /}
  extract: {t: body.access_token, id: body.id}
"""


def mask_of(
    folder: Path,
    environment: Mapping[str, str],
    mask: tuple[str, ...] = (),
    show: tuple[str, ...] = (),
) -> Mask:
    case = folder / "case.yml"
    case.write_text(CASE)
    return Mask.of(load_cases([case], environment).cases, NameRules.of(mask, show))


@pytest.mark.parametrize("value", [SECRET, "C:\\new\\table", '100%25"x', "abcdef", "\\u0041 ~é"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_found_in_every_spelling(tmp_path: Path, spelling: str, value: str) -> None:
    mask = mask_of(tmp_path, {"ANY_NAME_AT_ALL": value})
    spelled = SPELLINGS[spelling](value)

    masked = mask.text(f"before [{spelled}] behind")

    assert spelled not in masked
    assert masked.startswith("before [")
    assert masked.endswith("] behind")
    assert "***" in masked


PIECES = st.text(max_size=12).map(lambda text: text.encode("utf-8", "ignore").decode())


@given(
    value=st.text(st.characters(codec="utf-8", min_codepoint=32), min_size=6, max_size=30),
    spelling=st.sampled_from(sorted(SPELLINGS)),
    container=st.sampled_from(sorted(name for name in SPELLINGS if "64" not in name)),
    around=st.tuples(PIECES, PIECES),
    most=st.integers(0, 200),
)
def test_no_spelling_of_any_secret_is_left(
    value: str, spelling: str, container: str, around: tuple[str, str], most: int
) -> None:
    spelled = SPELLINGS[container](SPELLINGS[spelling](value))
    mask = Mask(KnownValues.of([value]))
    text = f"{around[0]} {spelled} {around[1]}"

    # A secret such as `******` is what masks look like.
    assert spelled not in mask.text(text).replace("***", "")
    if len(spelled) <= mask.longest:
        assert mask.text(text).startswith(mask.text(text, most))


@pytest.mark.parametrize("most", range(0, 60, 3))
def test_a_cut_leaves_no_part_of_a_secret(tmp_path: Path, most: int) -> None:
    mask = mask_of(tmp_path, {"KEY": "0123456789abcdef"})
    text = quote_plus("-0123456789abcdef" * 4).replace("0", "%30")

    masked = mask.text(text, most)

    assert masked == ("-***" * 4)[: len(masked)] or masked.startswith("-***-***")
    assert not set(masked) - set("-*")
    assert mask.text(text[: most + mask.longest], most) == masked


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("USERNAME", "debugtalk", False),
        ("DB_USER", "postgres", False),
        ("dbHost", "db.internal", False),
        ("HOST2", "db.internal", False),
        ("PORT", "15432", False),
        ("AWS_REGION", "eu-west-1", False),
        ("API_VERSION", "2026-01-01", False),
        ("ENVIRONMENT", "production", False),
        ("BASE_URL", "http://shop.example/v1", False),
        ("ANY", "https://shop.example/", False),
        ("FROM_ENV", "anything", True),
        ("TOKEN_HOST", "t.internal", True),
        ("HOOK_URL", "https://hooks.example/T00/B00", True),
        ("USERNAME", "http://a:sesame@b/", False),
        ("SHORT", "xyz", True),
        ("COUNT", "100", False),
        ("DEBUGGING", "true", False),
        ("PIN", "1234", True),
        ("PIN", "12", False),
    ],
)
def test_values_of_the_environment_are_masked_unless_plainly_harmless(
    tmp_path: Path, name: str, value: str, masked: bool
) -> None:
    text = mask_of(tmp_path, {name: value}).text(f"got {value}, and x{value}x")

    assert (value not in text.split(",")[0]) == masked or "sesame" in value
    assert "sesame" not in text
    # Short ones stand within words as they are.
    assert (f"x{value}x" in text) == (not masked or len(value) < 6) or "sesame" in value


def test_mask_and_show_decide(tmp_path: Path) -> None:
    environment = {"USERNAME": "debugtalk", "API_KEY": "sesame-open"}
    mask = mask_of(tmp_path, environment, ("username", "X-Trace", "code"), ("api_key", "PIN", "t"))

    assert mask.text("debugtalk sesame-open") == "*** sesame-open"
    tree = {"x_trace": 1, "pin": "1234", "api-key": "k", "code": 5, "other": {"user": "x"}}
    assert mask.tree(tree) == {
        "x_trace": "***",
        "pin": "1234",
        "api-key": "k",
        "code": "***",
        "other": {"user": "x"},
    }
    assert mask.values_of({"t": "x"}) == {"t": "x"}
    assert mask.text('{"x-trace": 1, "pin": 1234}') == '{"x-trace": "***", "pin": 1234}'


def test_a_variable_that_takes_a_token_is_secret_whatever_its_name_is(tmp_path: Path) -> None:
    mask = mask_of(tmp_path, {})

    assert mask.values_of({"t": ["x"], "id": "y"}) == {"t": ["***"], "id": "y"}
    known = mask.knowing({"t": {"a": ["token-1"]}, "id": "number-2", "pin": 987654})
    assert known.text("/token-1/number-2/987654") == "/***/number-2/***"
    assert known.tree([987654, 98765]) == ["***", 98765]
    assert mask.text("from-the-case") == "***"


NAMES = (
    *("X-Auth", "X-Session", "X-CSRF-Token", "Authorization", "Set-Cookie", "X-Api-Key"),
    *("auth", "bearer", "session_id", "private_key", "passphrase", "pin", "credential", "jwt"),
    *("userPin", "DB_PASSWORD", "accessToken", "api_tokens", "clientSecret"),
)
HARMLESS = ("author", "shipping", "Compass", "code", "session_count", "keyboard", "message")
FORMS: dict[str, Callable[[str], str]] = {
    "query": lambda name: f"http://h/?a=1&{name}=V&b=2",
    "form": lambda name: f"{name}=V",
    "JSON": lambda name: f'{{"{name}": "V"}}',
    "list in JSON": lambda name: f'{{"{name}":["V", {{"x": "V"}}], "b": 2}}',
    "JSON in JSON": lambda name: json.dumps({"log": json.dumps({name: "V"})}),
    "Python": lambda name: str({name: "V"}),
    "JavaScript": lambda name: f"x = {{{name}: 'V'}}",
    "XML": lambda name: f"<a><{name}>V</{name}></a>",
    "XML with namespaces": lambda name: f'<s:{name} a="1"><s:b>V</s:b></s:{name}>',
    "attribute": lambda name: f"<a {name}='V' b='1'/>",
    "field of a page": lambda name: f'<input type="hidden" name="{name}" value="V">',
    "multipart": lambda name: f'Content-Disposition: form-data; name="{name}"\r\n\r\nV\r\n--x',
    "line": lambda name: f"a: 1\n  {name}: V\nb: 2",
    "properties": lambda name: f"{name} = V\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_what_stands_under_a_secret_name_is_masked_in_texts_of_any_format(form: str) -> None:
    value = "open-sesame"
    leaks = [name for name in NAMES if value in Mask().text(FORMS[form](name).replace("V", value))]
    assert leaks == []
    for name in HARMLESS:
        text = FORMS[form](name).replace("V", value)
        if name != "code" or form not in ("query", "form"):
            assert Mask().text(text) == text


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_under_a_secret_name_is_masked_in_trees(name: str) -> None:
    tree = {name: ["a", {"b": 1, "c": None, "d": True}], "e": {"f": "g"}}
    assert Mask().tree(tree) == {name: ["***", {"b": "***", "c": None, "d": True}], "e": {"f": "g"}}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer a.b-c\r\nX: y", "Authorization: ***\r\nX: y"),
        ("got 'bearer eyJhbGciOi.x.y'", "got 'bearer ***'"),
        ("Basic dXNlcjpwYXNz, please", "Basic ***, please"),
        ("basic authentication needs a bearer token", None),
        ("could not read the token: unexpected end", None),
        ("?sig=abc&code=x1&state=y", "?sig=***&code=***&state=y"),
        ('{"code": 0, "sig": "x"}', None),
        ('{"pin":1234,"token":null,"auth":true}', '{"pin":"***","token":null,"auth":true}'),
        ('{"token":"cut', '{"token":"***'),
        ("http://me:word@host/", "http://***@host/"),
        ("next=http%3A%2F%2Fme%3Aword%40host", "next=http%3A%2F%2F***%40host"),
    ],
)
def test_texts(text: str, masked: str | None) -> None:
    assert Mask().text(text) == (masked or text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('body.token eq "a": got "b"', "body.token eq ***: got ***"),
        ("body.api_tokens eq []: got null (has: x)", "body.api_tokens eq []: got null (has: x)"),
        ('body.a eq "a": got "b"', 'body.a eq "a": got "b"'),
        ('headers."X-Auth" eq 1: got 2', 'headers."X-Auth" eq ***: got ***'),
    ],
)
def test_both_sides_of_a_check_are_masked(text: str, masked: str) -> None:
    assert Mask().message(text) == masked


def test_odd_texts_are_masked_in_time(tmp_path: Path) -> None:
    """A text must not be able to make masking take quadratic time; it is on the event loop."""
    mask = mask_of(tmp_path, {f"V{n}": f"some value {n}" for n in range(20)})
    odd: list[Any] = ["%41", "\\\\", "&amp;", '"token":[', "<token>", "token=", "'", "a" * 50, "+"]
    for part in odd:
        assert mask.text(part * (16_000 // len(part))) is not None

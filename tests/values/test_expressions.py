"""Test the values of `$name` and `${function(arguments)}`."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from boomtalk.engine.case.model import Written
from boomtalk.engine.errors import CaseError, Place, StepFailed
from boomtalk.engine.values.expressions import compile_template
from boomtalk.engine.values.functions import Functions

LITERALS = [
    "",
    "plain",
    "a$",
    "$",
    "${",
    "${}",
    "$123",
    "${ a }",
    "100 %",
    "%s",
    "{$}",
    "a.b",
]
TEXTS = [
    ("$var_", {"var_": 5}, 5),
    ("${var}_", {"var": 5}, "5_"),
    ("abc$$def", {}, "abc$def"),
    ("$$$a", {"a": 1}, "$1"),
    ("$$$$a", {"a": 1}, "$$a"),
    ("ABC$var_1{", {"var_1": "x"}, "ABCx{"),
    ("$var_1}{a", {"var_1": "x"}, "x}{a"),
    ("{ABC$var_1{}a}", {"var_1": "x"}, "{ABCx{}a}"),
    (" $a ", {"a": 1}, 1),
    ("\n$a\n", {"a": [1]}, [1]),
    ("var_1$_v", {"_v": 6.9}, "var_16.9"),
    ("$id号", {"id": 3}, "3号"),
    ("$a.b", {"a": 1}, "1.b"),
    ("Z:2>1*0*1+1$$$a", {"a": 2}, "Z:2>1*0*1+1$2"),
    ("50%$a%d", {"a": 2}, "50%2%d"),
    ("$price元", {"price": 5}, "5元"),
    ("$price元", {"price": 5, "price元": 6}, 6),
    ("你好$name登录$用户", {"name": "b", "用户": 1}, "你好b登录1"),
    ("$用户", {"用户": {"id": 1}}, {"id": 1}),
    ("${用户名}x", {"用户名": "bob"}, "bobx"),
    ("$été $имя_2", {"été": 1, "имя_2": 2}, "1 2"),
    ("$a$b", {"a": "x$b", "b": "${md5(1)}"}, "x$b${md5(1)}"),
]


@pytest.mark.parametrize("text", LITERALS)
def test_text_without_an_expression_stays_as_it_is(render: Any, text: str) -> None:
    assert render(text) == text


@pytest.mark.parametrize(("text", "scope", "value"), TEXTS)
def test_variables_are_replaced(render: Any, text: str, scope: dict[str, Any], value: Any) -> None:
    assert render(text, **scope) == value


@pytest.mark.parametrize("value", [1, 1.5, True, None, [1, {"a": 2}], {"a": None}, b"raw", "x"])
def test_a_single_token_keeps_the_type_of_its_value(render: Any, value: Any) -> None:
    result = render("$a", a=value)

    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, "null"),
        (3.0, "3"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        (12345678.9, "12345678.9"),
        (2**70, str(2**70)),
        ({"a": [1, "中"]}, '{"a":[1,"中"]}'),
        ([1, "x"], '[1,"x"]'),
        ({"big": 2**70}, '{"big":1180591620717411303424}'),
    ],
)
def test_values_inside_a_text_have_one_documented_form(render: Any, value: Any, text: str) -> None:
    assert render("abc$v", v=value) == f"abc{text}"


def test_structures_are_rendered_with_their_keys_and_trimmed_strings(render: Any) -> None:
    value = {"a": {"$k": ["$v", "  x "]}, "${k}2": 1, " pad ": True}

    assert render(value, k=123, v=[0]) == {"a": {"123": [[0], "x"]}, "1232": 1, " pad ": True}


def test_an_undefined_variable_fails_the_step_and_names_itself(render: Any) -> None:
    with pytest.raises(StepFailed) as failure:
        render("/api/$UNDEFINED")

    assert failure.value.kind == "template"
    assert "$UNDEFINED is not defined" in failure.value.message


CALLS = [
    ("${echo()}", []),
    ("${echo(1,,2)}", [1, None, 2]),
    ("${echo(,2)}", [None, 2]),
    ("${echo(-3, 1.10, -0, 10)}", [-3, 1.1, 0, 10]),
    (
        "${echo(007, 1e3, 0x10, true, a b, x.y/z-1)}",
        ["007", "1e3", "0x10", "true", "a b", "x.y/z-1"],
    ),
    ("${echo(99999999999999999999)}", [99999999999999999999]),
    ('${echo("a,b", \'c)\', "d\\"e")}', ["a,b", "c)", 'd"e']),
    ("${echo(中, a@b, a:b, a+b)}", ["中", "a@b", "a:b", "a+b"]),
    ('${echo($a, x$a, "$a!", $$)}', [[1], "x[1]", "[1]!", "$"]),
    ("${echo(b=2, c=$a)}", [("b", 2), ("c", [1])]),
    ("${echo(a==b)}", ["a==b"]),
    ('${echo([1, $a, x], {"k": [1, 2]})}', [[1, [1], "x"], {"k": [1, 2]}]),
    ("${echo(${token()})}", ["t0ken"]),
    ("${echo(token(), max(1, 2))}", ["t0ken", 2]),
    ("${echo(  spaced out  , x$a y , $a )}", ["spaced out", "x[1] y", [1]]),
    ('${echo({"k": "},(\\""}, 2)}', [{"k": '},("'}, 2]),
    ("${echo({a (b, c)}, d (e, f), [g])}", ["{a (b, c)}", "d (e, f)", ["g"]]),
    ("${echo({not json}, {$a})}", ["{not json}", "{[1]}"]),
    ("${echo([])}", [[]]),
    ("${echo([k=1, ])}", [["k=1", None]]),
    ("${echo(名=2, b=${token()})}", [("名", 2), ("b", "t0ken")]),
]


@pytest.mark.parametrize(("text", "arguments"), CALLS)
def test_arguments_arrive_typed(render: Any, text: str, arguments: list[Any]) -> None:
    assert render(text, a=[1]) == arguments


def test_a_call_after_a_variable_and_after_a_call_is_found(render: Any) -> None:
    assert render("$a ${max(1,2)}", a=1) == "1 2"
    assert render("${token()}${token()}") == "t0kent0ken"
    assert render("abc${max($a, 3.45)}123", a=12.3) == "abc12.3123"


def test_a_structure_awaits_its_calls_in_the_order_written(render: Any, plugin: Any) -> None:
    value = {"a": "${echo(1)}", "b": ["${echo(2)}", "x${echo(3)}"], "${token()}": 1}

    assert render(value) == {"a": [1], "b": [[2], "x[3]"], "t0ken": 1}
    assert [name for name, _, _ in plugin.calls].count("echo") == 3


def test_a_plugin_function_shadows_the_builtin_one(render: Any, plugin: Any) -> None:
    assert render("${md5(1)}") == [1]
    assert plugin.calls == [("md5", [1], {})]


def test_equals_sign_is_plain_text_for_a_builtin_function(render: Any) -> None:
    assert render("${len(ab=2)}") == 4
    assert render("${len(ab = 2)}") == 6


# hrp gives every `name=value` as a text, HttpRunner 3 as a keyword: here the function decides.
KEYWORDS = [
    ("${one(id=7)}", ["id=7"], {}),
    ("${one( id = 7.10 )}", ["id = 7.10"], {}),
    ("${one(id=$x)}", ["id=[1]"], {}),
    ('${one(id="a, b")}', ['id="a, b"'], {}),
    ("${one(data=7)}", [], {"data": 7}),
    ("${two(1, b=2)}", [1], {"b": 2}),
    ("${two(x=1, 2)}", ["x=1", 2], {}),
    ("${two(x=1, b=2)}", ["x=1"], {"b": 2}),
    ("${named(1, key=2, other=3)}", [1], {"key": 2, "other": 3}),
    ("${only_key(key=2)}", [], {"key": 2}),
    ("${placed(a=1)}", ["a=1"], {}),
    ("${several(a=1, 2, b=3)}", ["a=1", 2, "b=3"], {}),
    ("${in_c(a=1)}", ["a=1"], {}),
]


@pytest.mark.parametrize(("text", "arguments", "keywords"), KEYWORDS)
def test_a_keyword_goes_only_where_the_function_has_that_name(
    text: str, arguments: list[Any], keywords: dict[str, Any]
) -> None:
    call = called(text, x=[1])

    assert call[1:] == (arguments, keywords)


MISFITS = [
    ("${two(1)}", "two(...): missing a required argument: 'b'"),
    ("${two(1, 2, 3)}", "two(...): too many positional arguments"),
    ("${one()}", "one(...): missing a required argument: 'data'"),
    ("${one(1, data=2)}", "one(...): multiple values for argument 'data'"),
    ("${only_key()}", "only_key(...): missing a required "),  # since 3.13: keyword-only argument
    ("${nothing(1)}", "nothing(...): too many positional arguments"),
]


@pytest.mark.parametrize(("text", "told"), MISFITS)
def test_missing_and_surplus_arguments_of_a_plugin_function_are_told(text: str, told: str) -> None:
    with pytest.raises(CaseError) as error:
        called(text)

    assert told in str(error.value)


# hrp asks a plugin for the name in small letters without underscores, too (its callFunc).
def test_a_function_is_found_under_its_common_name(render: Any) -> None:
    assert called("${Get_Sum_Two()}")[0] == "getsumtwo"
    assert called("${GetSumTwo()}")[0] == "getsumtwo"
    assert called("${get_sum_two()}")[0] == "get_sum_two"
    assert called("${OnlyKey(key=1)}")[0] == "only_key"
    assert called("${onlykey(key=1)}")[0] == "only_key"
    with pytest.raises(CaseError, match="unknown function echo_"):
        render("${echo_x()}")


def test_two_functions_that_share_a_common_name_are_not_mixed_up() -> None:
    signatures = dict.fromkeys(("sum_two", "sumTwo"))
    functions = Functions(signatures, lambda *given: None)

    assert functions.find("SumTwo") is None
    found = functions.find("sumTwo")
    assert found is not None
    assert found.name == "sumTwo"


def test_a_builtin_function_wins_over_another_spelling_of_the_plugins() -> None:
    functions = Functions(dict.fromkeys(("Max", "M_D_5")), lambda *given: None)
    found = [functions.find(name) for name in ("max", "md5")]

    assert [one is not None and one.plugin for one in found] == [False, False]


def called(text: str, **scope: Any) -> tuple[str, list[Any], dict[str, Any]]:
    """Render a text that calls a plugin function once; return the call that arrived."""
    calls = []

    async def call(name: str, args: list[Any], kwargs: dict[str, Any]) -> None:
        calls.append((name, args, kwargs))

    signatures: dict[str, Any] = {
        "one": inspect.signature(lambda data: 0),
        "two": inspect.signature(lambda a, b: 0),
        "named": inspect.signature(lambda a, **rest: 0),
        "only_key": inspect.signature(lambda *, key: 0),
        "placed": inspect.signature(lambda a, /: 0),
        "several": inspect.signature(lambda *all: 0),
        "nothing": inspect.signature(lambda: 0),
        "getsumtwo": inspect.signature(lambda: 0),
        "get_sum_two": inspect.signature(lambda: 0),
        "in_c": None,
    }
    written = Written(text, Place("case.yml", 7))
    template = compile_template(written, Functions(signatures, call), scope)
    asyncio.run(_render(template, scope))
    (only,) = calls
    return only


@pytest.mark.parametrize(
    "name", ["eval", "exec", "__import__", "open", "getattr", "globals", "print", "compile"]
)
def test_pythons_own_functions_cannot_be_called(render: Any, name: str) -> None:
    with pytest.raises(CaseError, match=f"unknown function {name}"):
        render(f"${{{name}(os)}}")


def test_an_unknown_function_is_told_with_its_place_and_the_nearest_name(render: Any) -> None:
    with pytest.raises(CaseError) as error:
        render("${tokne()}")

    told = "case.yml:7: step 'login': request.url: unknown function tokne (did you mean token?)"
    assert str(error.value) == told


def test_every_wrong_expression_of_a_value_is_told_at_once(render: Any) -> None:
    with pytest.raises(CaseError) as error:
        render({"a": "${nope()}", "b": ["${max()}", "${token("], "c": "${nix()}"})

    assert len(error.value.problems) == 4


@pytest.mark.parametrize(
    "text", ["${f(1", '${echo("a" b)}', '${echo("a)}', "${echo(1)", "${echo([1)}"]
)
def test_a_call_that_is_not_closed_is_refused(render: Any, text: str) -> None:
    with pytest.raises(CaseError, match=r"write \$\$ for a dollar sign"):
        render(text)


def test_calls_nested_without_end_are_refused_quickly(render: Any) -> None:
    with pytest.raises(CaseError, match="levels"):
        render("${echo(" * 5000)


def test_a_template_says_what_it_reads_and_calls(functions: Any, write: Any) -> None:
    template = compile_template(write({"$a": "${echo($b)}", "x": "${max($c, 1)}"}), functions)

    assert template.variables == {"a", "b", "c"}
    assert template.functions == {"echo", "max"}
    assert template.awaits
    assert not template.constant


def test_a_template_of_builtin_functions_does_not_await(functions: Any, write: Any) -> None:
    template = compile_template(write("x${max(1, $a)}"), functions)

    assert not template.awaits
    assert template.render({"a": 3}) == "x3"
    assert asyncio.run(_render(template, {"a": 3})) == "x3"


async def _render(template: Any, scope: dict[str, Any]) -> Any:
    return await template.render_async(scope)


def test_a_constant_is_known_before_it_is_rendered(functions: Any, write: Any) -> None:
    template = compile_template(write({"price": [1, "$$5"]}), functions)

    assert template.constant
    assert template.value == {"price": [1, "$5"]}


def test_a_plugin_failure_passes_through_as_it_is(render: Any) -> None:
    with pytest.raises(StepFailed, match="broken") as failure:
        render("x${breaks()}")

    assert failure.value.kind == "plugin_error"

"""Test values through the pipe: they are exact, or there is an error that names the place."""

import asyncio
import sys

import pytest
from boomtalk.plugins import PluginOptions, PluginPool
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .bench import failure, opened, until

ECHO = "def echo(value=None): return value\n"


def tried(value):
    """Return the expected result of an echo: a tuple becomes a list, all else is the same."""
    if isinstance(value, list | tuple):
        return [tried(item) for item in value]
    if isinstance(value, dict):
        return {key: tried(item) for key, item in value.items()}
    return value


def same(one, other):
    return repr(one) == repr(other)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
big = st.sampled_from([2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**400])
values = st.recursive(
    scalars | texts | big | st.tuples(scalars, texts),
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=12,
)


@pytest.fixture(params=["orjson", "stdlib"])
def echo(request, write, tmp_path):
    """Call `echo` of one process for many examples, with each JSON library that it may use."""
    python = tmp_path / "python"
    # Without site there are no installed packages, hence no orjson.
    flag = "-S" if request.param == "stdlib" else ""
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {flag} "$@"\n')
    python.chmod(0o700)
    with asyncio.Runner() as runner:
        pool = runner.run(PluginPool(PluginOptions(python=str(python))).__aenter__())
        plugin = runner.run(pool.open(write(ECHO)))

        async def call(value):
            return await plugin.call("echo", [value])

        yield lambda value: runner.run(call(value))
        runner.run(pool.close())


def test_any_json_value_comes_back_exactly(echo):
    @settings(suppress_health_check=list(HealthCheck))
    @given(values)
    def check(value):
        assert same(echo(value), tried(value))

    check()


def test_integers_around_every_limit_stay_exact(echo):
    for power in (31, 32, 53, 63, 64, 65, 128, 1000, 13_999):
        for near in (-1, 0, 1):
            for number in (2**power + near, -(2**power) + near):
                assert echo([number]) == [number]
                assert type(echo(number)) is int


BAD = """
import collections, datetime, decimal, enum, math, os, uuid
cycle = []
cycle.append({"me": cycle})
deep = []
for _ in range(300): deep = [deep]
VALUES = {
    "bytes": {"a": [1, 2, 3, b"x"]},
    "set": {1},
    "decimal": decimal.Decimal("1.5"),
    "datetime": {"at": datetime.datetime(2026, 1, 1)},
    "uuid": uuid.UUID(int=0),
    "complex": [1j],
    "int_key": {"a": {1: "x"}},
    "nan": {"x": [math.nan]},
    "inf": -math.inf,
    "surrogate": ["ok", "\\ud800"],
    "surrogate_key": {"\\ud800": 1},
    "cycle": cycle,
    "deep": deep,
    "generator": (x for x in "ab"),
    "class": dict,
    "file": open(os.devnull),
    "huge": "x" * 100_000_000,
    "huge_inside": ["x" * 1_000_000] * 20,
    "digits": 10 ** 5000,
}
def get(name): return VALUES[name]
class Colour(enum.IntEnum): RED = 1
Point = collections.namedtuple("Point", "x y")
def subclasses(): return [Colour.RED, collections.OrderedDict(a=1), Point(1, 2)]
async def later(): return 1
def coroutine(): return later()
def fine(): return "fine"
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bytes", "$.a[3]: bytes"),
        ("set", "$: set"),
        ("decimal", "$: Decimal"),
        ("datetime", "$.at: datetime"),
        ("uuid", "$: UUID"),
        ("complex", "$[0]: complex"),
        ("int_key", "$.a: key 1 is int, not str"),
        ("nan", "$.x[0]: nan"),
        ("inf", "$: -inf"),
        ("surrogate", "$[1]: str with a lone surrogate"),
        ("surrogate_key", "$: key with a lone surrogate"),
        ("cycle", "$[0].me: contains itself"),
        ("deep", "nested more than 250 levels"),
        ("generator", "$: generator"),
        ("class", "$: class dict"),
        ("file", "$: TextIOWrapper"),
        ("digits", "$: int of more than 14000 bits"),
    ],
)
def test_what_json_cannot_hold_is_an_error_with_its_place(write, name, words):
    async def scene():
        async with opened(write(BAD)) as (_, plugin):
            error = await failure(plugin.call("get", [name]))
            assert (error.kind, error.detail) == ("plugin_error", "result")
            assert words in error.message
            assert await plugin.call("fine") == "fine"

    asyncio.run(scene())


@pytest.mark.parametrize("name", ["huge", "huge_inside"])
def test_a_result_over_the_cap_is_refused_by_the_process_itself(write, name):
    async def scene():
        async with opened(write(BAD)) as (pool, plugin):
            error = await failure(plugin.call("get", [name]))
            assert (error.kind, error.detail) == ("plugin_error", "too_large")
            assert await plugin.call("fine") == "fine"
            assert pool.snapshots()[0].restarts == 0

    asyncio.run(scene())


HOARD = """
GREAT = {"text": "x" * 100_000_000, "texts": ["x" * 1_000_000] * 100, "numbers": [0.5] * 10_000_000}
def get(name):
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak is measured from here
    return GREAT[name]
def now_and_peak():
    with open("/proc/self/status") as file:
        found = dict(line.split(":", 1) for line in file)
    return [int(found[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM")]
"""


@pytest.mark.parametrize("name", ["text", "texts", "numbers"])
def test_refusing_a_great_result_takes_less_memory_than_two_frames(write, name):
    async def scene():
        async with opened(write(HOARD)) as (_, plugin):
            before, _ = await plugin.call("now_and_peak")
            assert (await failure(plugin.call("get", [name]))).detail == "too_large"
            _, peak = await plugin.call("now_and_peak")
            assert peak - before < 32 * 1024 * 1024

    asyncio.run(scene())


def test_a_result_just_under_the_cap_arrives(run, write):
    async def scene():
        async with opened(write("def text(size): return 'x' * size\n")) as (_, plugin):
            size = 16 * 1024 * 1024 - 2
            assert len(await plugin.call("text", [size])) == size
            assert (await failure(plugin.call("text", [size + 1]))).detail == "too_large"

    run(scene())


def test_subclasses_of_json_types_go_as_their_base(write):
    async def scene():
        async with opened(write(BAD)) as (_, plugin):
            assert await plugin.call("subclasses") == [1, {"a": 1}, [1, 2]]

    asyncio.run(scene())


def test_a_plain_function_that_returns_a_coroutine_is_an_error(write):
    async def scene():
        async with opened(write(BAD)) as (_, plugin):
            error = await failure(plugin.call("coroutine"))
            assert "$: coroutine" in error.message
            assert await plugin.call("later") == 1

    asyncio.run(scene())


def test_nul_and_emoji_are_just_text(run, write):
    async def scene():
        async with opened(write(ECHO)) as (_, plugin):
            assert await plugin.call("echo", ["a\0b😀中"]) == "a\0b😀中"

    run(scene())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "args[0]: nan"),
        ({"a": [float("inf")]}, "args[0].a[0]: inf"),
        (b"x", "args[0]: bytes"),
        ({1: 2}, "args[0]: key 1 is int"),
        ("\ud800", "args[0]: str with a lone surrogate"),
        ("x" * 17_000_000, "more than 16777216"),
        (["x" * 1_000_000] * 20, "more than 16777216"),
    ],
)
def test_arguments_that_cannot_be_sent_are_refused_before_sending(write, value, words):
    async def scene():
        async with opened(write(ECHO)) as (pool, plugin):
            for call in (plugin.call("echo", [value]), plugin.call("echo", [], {"value": value})):
                error = await failure(call)
                assert (error.kind, error.detail) == ("plugin_error", "argument")
                assert words.replace("args[0]", "") in error.message.replace("kwargs.value", "")
            assert pool.snapshots()[0].errors == 2
            assert await plugin.call("echo", [1]) == 1

    asyncio.run(scene())


def test_refusing_a_huge_argument_needs_no_second_copy_in_the_queue(write):
    async def scene():
        async with opened(write(ECHO)) as (pool, plugin):
            await failure(plugin.call("echo", ["x" * 17_000_000]))
            await until(lambda: pool.snapshots()[0].queued == 0)
            assert pool.snapshots()[0].in_flight == 0

    asyncio.run(scene())


ERRORS = """
class Odd(BaseException): pass
class Silent(Exception):
    def __str__(self): raise RuntimeError("no text")
def long(): raise ValueError("x" * 10_000_000)
def silent(): raise Silent
def odd(): raise Odd("strange")
def leave(): raise SystemExit(4)
def interrupt(): raise KeyboardInterrupt
def endless(): return endless()
def inner(): raise KeyError("k")
def outer(): inner()
def two(a, b): return a
def surrogate(): raise ValueError("\\ud800")
async def late(): raise LookupError("late")
def fine(): return "fine"
"""


@pytest.mark.parametrize(
    ("name", "detail", "words"),
    [
        ("long", "ValueError", "ValueError: xxx"),
        ("silent", "Silent", "its __str__ raised RuntimeError"),
        ("odd", "Odd", "Odd: strange"),
        ("leave", "SystemExit", "SystemExit: 4"),
        ("interrupt", "KeyboardInterrupt", "KeyboardInterrupt"),
        ("endless", "RecursionError", "maximum recursion depth"),
        ("two", "TypeError", "two() missing 2 required positional arguments"),
        ("surrogate", "ValueError", "\\ud800"),
        ("late", "LookupError", "late"),
    ],
)
def test_whatever_a_function_raises_is_one_plugin_error_and_the_process_lives(
    write, name, detail, words
):
    async def scene():
        async with opened(write(ERRORS)) as (pool, plugin):
            error = await failure(plugin.call(name))
            assert (error.kind, error.detail) == ("plugin_error", detail)
            assert words in error.message
            assert len(error.message) < 5000
            assert await plugin.call("fine") == "fine"
            seen = pool.snapshots()[0]
            assert (seen.errors, seen.ok, seen.restarts) == (1, 1, 0)
            assert [(f.name, f.calls, f.errors) for f in seen.functions] == [
                (name, 1, 1),
                ("fine", 1, 0),
            ]

    asyncio.run(scene())


def test_the_traceback_shows_the_users_frames_only(write):
    path = write(ERRORS)

    async def scene():
        async with opened(path) as (_, plugin):
            error = await failure(plugin.call("outer"))
            assert 'raise KeyError("k")' in error.traceback
            assert "in outer" in error.traceback
            assert "child.py" not in error.traceback

    asyncio.run(scene())


def test_an_unknown_function_is_an_error_that_names_it(write):
    async def scene():
        async with opened(write("def _private(): pass\nx = 1\n")) as (_, plugin):
            for name in ("nope", "_private", "x"):
                error = await failure(plugin.call(name))
                assert (error.kind, error.detail) == ("plugin_error", "unknown")
                assert name in error.message

    asyncio.run(scene())

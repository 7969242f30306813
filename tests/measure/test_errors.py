"""Test the table of failures: its rows, its examples, and its limits."""

from __future__ import annotations

from boomtalk.engine.errors import StepFailed
from boomtalk.engine.measure.errors import ErrorSnapshot, ErrorTable, NoLog, merged_errors
from boomtalk.engine.output.masking import Mask


class Masking(NoLog):
    def mask(self, text: str) -> str:
        return text.replace("secret", "***")


def table() -> ErrorTable:
    return ErrorTable(lambda: 1.0, Masking())


def failed(value: object, check: str = "body.id eq 1") -> StepFailed:
    return StepFailed("check", f"{check}: got {value}", check=check)


def test_a_row_keeps_three_different_messages_of_bounded_size() -> None:
    errors = table()
    for value in ("a", "a", "b" * 5000, "c", "d"):
        errors.add(failed(value), "case", "step")

    (row,) = errors.snapshot()

    assert row.count == 5
    assert row.message == row.examples[0] == "body.id eq 1: got a"
    assert [len(example) for example in row.examples] == [19, 12 + 200, 19]


def test_the_value_is_shown_behind_a_check_of_any_length() -> None:
    errors = table()
    errors.add(failed("a" * 150, f'body.text eq "{"x" * 200}"'), "case", "step")

    (row,) = errors.snapshot()

    assert row.message.endswith("got " + "a" * 150)


def test_no_part_of_a_secret_stays_where_a_message_is_cut() -> None:
    errors = table()
    errors.add(StepFailed("hook", "x" * 197 + "secret"), "case", "step")

    (row,) = errors.snapshot()

    assert row.message == "x" * 197 + "***"


def test_two_checks_of_a_step_are_two_rows() -> None:
    errors = table()
    for check in ("body.id eq 1", "body.id eq 1", "status_code eq 200"):
        errors.add(failed(7, check), "case", "step")

    assert [(row.check, row.count) for row in errors.snapshot()] == [
        ("body.id eq 1", 2),
        ("status_code eq 200", 1),
    ]


def test_examples_that_masking_made_alike_are_one() -> None:
    errors = table()
    for value in ("secret", "***"):
        errors.add(failed(value, "x eq secret"), "case", "step")

    (row,) = errors.snapshot()

    assert (row.check, row.examples) == ("x eq ***", ("x eq ***: got ***",))


def test_a_check_on_a_secret_shows_neither_side() -> None:
    class Log(NoLog):
        def mask(self, text: str) -> str:
            return Mask().message(text)

    errors = ErrorTable(lambda: 1.0, Log())
    check = 'body.token eq "hunter22"'
    errors.add(failed('"letmein1"', check), "case", "step")

    (row,) = errors.snapshot()

    assert (row.check, row.message) == ("body.token eq ***", "body.token eq ***: got ***")


def test_no_run_makes_more_than_201_rows_and_none_is_lost() -> None:
    errors = table()
    for number in range(500):
        errors.add(failed(0, f"check {number}"), "case", "step")

    rows = errors.snapshot()

    assert len(rows) == 201
    assert (rows[0].kind, rows[0].count) == ("other", 300)
    assert sum(row.count for row in rows) == 500


def test_rows_of_two_engines_merge_exactly() -> None:
    one = ErrorSnapshot("check", "", "c", "s", "m1", 3, 0.5, 2.0, None, "x", ("m1", "m2"))
    other = ErrorSnapshot("check", "", "c", "s", "m3", 4, 0.2, 1.0, None, "x", ("m3", "m2", "m4"))

    (row,) = merged_errors([one, other])

    assert (row.count, row.first_at, row.last_at) == (7, 0.2, 2.0)
    assert row.examples == ("m1", "m2", "m3")


def test_the_rows_of_many_engines_have_a_limit_too() -> None:
    parts = [table() for _ in range(3)]
    for part, errors in enumerate(parts):
        for number in range(300):
            errors.add(failed(0, f"check {part} {number}"), "case", "step")

    rows = merged_errors(row for errors in parts for row in errors.snapshot())

    assert len(rows) == 199
    assert [row.count for row in rows if row.kind == "other"] == [900 - 198]
    assert sum(row.count for row in rows) == 900

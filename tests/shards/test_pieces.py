"""Test messages in small numbered pieces: nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from boomtalk.engine.measure.errors import ErrorSnapshot
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.shards.backend import ShardLost
from boomtalk.engine.shards.follower import Follower
from boomtalk.engine.shards.messages import Errors
from boomtalk.engine.shards.pieces import MOST_BYTES, Inbox, Outbox, pieces_of
from hypothesis import given
from hypothesis import strategies as st

LIMIT_OF_RAY = 100 * 1024


def read(pieces: list[bytes]) -> list[dict[str, Any]]:
    inbox = Inbox()
    return [message for piece in pieces if (message := inbox.add(piece)) is not None]


@pytest.mark.parametrize("size", [0, 100, MOST_BYTES, 10 * MOST_BYTES])
def test_a_message_of_any_size_arrives_in_pieces_below_the_limit(size: int) -> None:
    message = {"text": os.urandom(size // 2).hex()}

    pieces = list(pieces_of(message))

    assert max(map(len, pieces)) < LIMIT_OF_RAY
    assert read(pieces) == [message]


@given(st.lists(st.floats(0, 1e4), max_size=50))
def test_a_histogram_arrives_as_it_was(values: list[float]) -> None:
    histogram = Histogram()
    histogram.add(values)

    (message,) = read(list(pieces_of({"times": histogram})))

    assert Histogram.from_dict(message["times"]) == histogram


def test_pieces_are_kept_until_later_ones_are_asked_for() -> None:
    async def ask() -> list[bytes]:
        outbox = Outbox()
        asking = [asyncio.create_task(outbox.piece(number, 0)) for number in (1, 0)]
        await asyncio.sleep(0)
        for number in range(3):
            outbox.put({"number": number})
        return [*await asyncio.gather(*asking), await outbox.piece(1, 1), await outbox.piece(2, 2)]

    second, first, again, third = asyncio.run(ask())
    assert [one["number"] for one in read([first, second, again, third])] == [0, 1, 1, 2]


class Dying:
    """A shard that sent three messages before it died, without a listener."""

    def __init__(self) -> None:
        self.told = [piece for number in range(3) for piece in pieces_of({"number": number})]

    async def call(self, _name: str, number: int, _seen: int) -> bytes:
        if number >= len(self.told):
            raise ShardLost("dead")
        return self.told[number]

    def kill(self) -> None: ...


def test_what_was_answered_before_a_death_is_taken_before_the_death() -> None:
    async def follow() -> list[int]:
        follower = Follower(Dying())
        seen = [(await follower.message())["number"] for _ in range(3)]
        with pytest.raises(ShardLost):
            await follower.message()
        await follower.close()
        return seen

    assert asyncio.run(follow()) == [0, 1, 2]


def test_a_failure_is_told_again_only_with_another_count() -> None:
    errors = Errors()
    row = ErrorSnapshot("check", "", "case", "step", "no", 1, 0.5, 0.5, "Traceback ...")

    first, same = errors.news([row]), errors.news([row])
    (again,) = errors.news([ErrorSnapshot("check", "", "case", "step", "no", 3, 0.5, 0.9)])

    assert first[0]["traceback"] == "Traceback ..."
    assert same == []
    assert again["count"] == 3
    assert "traceback" not in again


def test_failures_that_masking_made_alike_are_told_as_one() -> None:
    rows = [ErrorSnapshot("check", "", "case", "step", "***", n, 0.1 * n, 0.2 * n) for n in (2, 3)]

    (row,) = Errors().news(rows)

    assert (row["count"], row["first_at"]) == (5, pytest.approx(0.2))

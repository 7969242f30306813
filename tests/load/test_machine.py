"""Test the limits of open files, also as macOS has them."""

from __future__ import annotations

import resource

import pytest
from boomtalk.engine.load import machine


class Darwin:
    """The one function of its C library that is asked."""

    def __init__(self, number: int | None) -> None:
        self.number = number

    def sysctlbyname(self, name: bytes, value: object, *_: object) -> int:
        assert name == b"kern.maxfilesperproc"
        if self.number is None:
            return -1
        value._obj.value = self.number
        return 0


def limited(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> list[tuple[int, int]]:
    """Let the system report these limits; return those that it is asked to set."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    return asked


def test_a_hard_limit_without_an_end_is_bounded_by_that_of_macos(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = limited(monkeypatch, 256, resource.RLIM_INFINITY)
    monkeypatch.setattr(machine, "_files_of_system", lambda: 10_240)
    machine.allow_open_files(50_000)
    assert asked == [(10_240, resource.RLIM_INFINITY)]
    assert machine.this_machine().most_files == 10_240


def test_a_limit_that_the_system_refuses_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("current limit exceeds maximum limit")

    limited(monkeypatch, 256, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "setrlimit", refuse)
    machine.allow_open_files(50_000)


@pytest.mark.parametrize("number", [10_240, None])
def test_macos_is_asked_for_its_own_limit(
    monkeypatch: pytest.MonkeyPatch, number: int | None
) -> None:
    monkeypatch.setattr(machine.sys, "platform", "darwin")
    monkeypatch.setattr(machine, "CDLL", lambda _: Darwin(number))
    assert machine._files_of_system() == number

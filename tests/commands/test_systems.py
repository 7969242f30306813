"""Test the start on systems that boomtalk does not run on."""

from __future__ import annotations

import sys

import pytest
from boomtalk import cli


@pytest.mark.parametrize("system", ["win32", "cygwin"])
def test_on_windows_the_program_says_how_to_go_on_and_imports_nothing(
    system: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    # An import of a module that is None raises: uvloop and others cannot be had there.
    monkeypatch.setitem(sys.modules, "boomtalk.commands.program", None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "wsl --install" in told.err
    assert "docs/systems.md" in told.err

"""Paint frames over each other on the lower part of a terminal, without flicker."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TextIO, cast

from rich.console import (
    Console,
    ConsoleOptions,
    ConsoleRenderable,
    Group,
    RenderableType,
    RenderHook,
    RenderResult,
)
from rich.control import Control
from rich.file_proxy import FileProxy
from rich.segment import ControlType, Segment

from .lines import Line

# Terminals that know "synchronized output" show all in between at once; others ignore it.
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
_ERASE_REST, _ERASE_BELOW, _CLEAR = "\x1b[K", "\x1b[J", "\x1b[H\x1b[J"

# What others wrote over a frame, such as the shell after Ctrl-Z, stays for so many frames at most.
_WHOLE_EVERY = 10


class Painter(RenderHook):
    """Shows the newest frame inside its `with` block; what others print appears above it.

    Nothing is erased before it is written again, and lines that did not change are not written.
    The last frame stays.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._size = (0, 0)
        self._lines: list[Line] = []
        self._frame: RenderableType = ""
        self._is_last = False
        self._painted = 0
        self._streams = (sys.stdout, sys.stderr)

    def __enter__(self) -> Painter:
        console = self._console
        console.show_cursor(False)
        # What is printed meanwhile goes through the console, which knows where the frame is.
        self._streams = (sys.stdout, sys.stderr)
        sys.stdout, sys.stderr = (
            cast(TextIO, FileProxy(console, stream)) for stream in self._streams
        )
        console.push_render_hook(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.stdout, sys.stderr = self._streams
        self._console.pop_render_hook()
        if self._lines:
            self._console.line()
        self._console.show_cursor(True)

    def paint(self, frame: RenderableType) -> None:
        """Replace the frame."""
        self._frame = frame
        with self._console:
            self._console.print(Control())

    def paint_last(self, frame: RenderableType) -> None:
        """Replace the frame by one that stays and may be higher than the terminal."""
        self._is_last = True
        self.paint(frame)

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Put what is printed above the frame (the console calls this)."""
        printed = [one for one in renderables if not isinstance(one, Control)]
        return [_Repaint(self, printed)]

    def repaint(self, options: ConsoleOptions, printed: Sequence[RenderableType]) -> Line:
        """Return what to write: the codes that move and erase, and the lines that changed."""
        console, size = self._console, self._console.size
        before, self._lines = self._lines, self._rendered(options, size.height)
        out = [_code(_BEGIN)]
        if before and size != self._size:
            # The terminal has wrapped or moved the old lines: nobody knows where they are.
            out.append(_code(_CLEAR))
            before = []
        elif before:
            out.append(_code(f"\r{_up(len(before) - 1)}"))
        self._size = size
        if printed:
            out.append(_code(_ERASE_BELOW))
            out += console.render(Group(*printed), options)
            before = []
        return [*out, *self._changes(before, size.width), _code(_END)]

    def _rendered(self, options: ConsoleOptions, height: int) -> list[Line]:
        options = options.update(height=None, no_wrap=True)
        lines = self._console.render_lines(self._frame, options, pad=False)
        return lines if self._is_last else lines[:height]

    def _changes(self, before: Sequence[Line], width: int) -> Line:
        out: Line = []
        self._painted += 1
        is_whole = self._painted % _WHOLE_EVERY == 0
        for number, line in enumerate(self._lines):
            if number:
                out.append(Segment.line())
            if not is_whole and number < len(before) and before[number] == line:
                continue
            out += line
            # Behind the last column, erasing would take the last character.
            if Segment.get_line_length(line) < width:
                out.append(_code(_ERASE_REST))
        if len(before) > len(self._lines):
            out += [Segment.line(), _code(f"{_ERASE_BELOW}{_up(1)}")]
        return out


class _Repaint:
    """What the console renders instead of what was printed."""

    def __init__(self, painter: Painter, printed: Sequence[RenderableType]) -> None:
        self._painter = painter
        self._printed = printed

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._painter.repaint(options, self._printed)


def _code(text: str) -> Segment:
    """Return a control code, which takes no room on the line."""
    return Segment(text, None, [(ControlType.CARRIAGE_RETURN,)])


def _up(lines: int) -> str:
    return f"\x1b[{lines}A" if lines > 0 else ""

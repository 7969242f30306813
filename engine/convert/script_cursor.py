"""Move through the tokens of a script."""

from __future__ import annotations

from .script_tokens import Token, Unreadable, tokens_of

_OPEN, _CLOSED = {"(", "[", "{"}, {")", "]", "}"}
_JOINS = {".", "?.", ",", "=", "=>", "&&", "||", "+", "-", "(", "[", "{", ":", "?", "==", "==="}
# Words that begin a statement or expression with blocks.
BLOCKS = {"if", "for", "while", "switch", "function", "do", "class", "try", "async"}


class Cursor:
    """A place between the tokens of a script."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._tokens = tokens_of(script)
        self._at = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _takes(self, text: str) -> bool:
        is_there = self._next.text == text and self._next.kind in ("mark", "name")
        self._at += is_there
        return is_there

    def _need(self, text: str) -> None:
        if not self._takes(text):
            raise Unreadable(f"no {text}")

    def _name(self) -> str:
        token = self._next
        if token.kind != "name":
            raise Unreadable(token.text)
        self._at += 1
        return token.text

    def _text(self, start: int) -> str:
        last = self._tokens[max(start, self._at - 1)]
        return self._script[self._tokens[start].start : last.end]

    def _balanced(self) -> None:
        """Go behind the bracket that closes the next one."""
        depth = 0
        while self._next.kind != "end":
            text = self._next.text
            depth += (text in _OPEN) - (text in _CLOSED)
            self._at += 1
            if depth == 0:
                return
        raise Unreadable("a bracket is not closed")

    def _skip(self) -> None:
        """Go behind a statement that is not understood, with all its blocks."""
        is_block = self._next.text in BLOCKS
        begun, before = self._at, ""
        while self._next.kind != "end" and self._next.text not in (")", "]", "}"):
            token = self._next
            goes_on = before in _JOINS or token.text in _JOINS
            if token.text == ";" or (self._at > begun and token.on_new_line and not goes_on):
                break
            if token.text in _OPEN:
                is_end = token.text == "{" and is_block
                try:
                    self._balanced()
                except Unreadable:
                    return
                if is_end and self._next.text not in ("else", "catch", "finally", "while"):
                    return
                before = "else" if is_end else ")"
                continue
            self._at += 1
            before = token.text
        if self._at == begun:
            self._at += 1

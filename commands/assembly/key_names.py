"""Name the keys in what a terminal sends: letters, and escape sequences of special keys."""

from __future__ import annotations

import codecs
import re

# ECMA-48, 5.4: CSI, parameters, intermediate bytes, a final byte. SS3 comes before the arrows of
# a terminal in application mode.
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[@-~]")
_BEGINNING = re.compile(r"\x1b(\[[0-?]*[ -/]*|O)?\Z")
_LONGEST = 32
_BY_LETTER = {"A": "up", "B": "down", "H": "home", "F": "end"}
# The numbers of the VT220, and those of rxvt for Home and End.
_BY_NUMBER = {"1": "home", "4": "end", "5": "page up", "6": "page down", "7": "home", "8": "end"}


class KeyNames:
    """Turns bytes into names of keys; keeps the beginning of what has not come in full."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def of(self, data: bytes) -> list[str]:
        """Return the keys that are complete now: a character, or a name such as `page up`.

        Sequences of other keys are left out as a whole; their letters are not keys.
        """
        text, self._rest = self._rest + self._decoder.decode(data), ""
        keys: list[str] = []
        position = 0
        while position < len(text):
            if sequence := _SEQUENCE.match(text, position):
                keys += _name(sequence[0])
                position = sequence.end()
            elif len(text) - position < _LONGEST and _BEGINNING.match(text, position):
                self._rest = text[position:]
                break
            else:
                keys.append(text[position])
                position += 1
        return keys


def _name(sequence: str) -> list[str]:
    number = re.match(r"\d*", sequence[2:])
    names = _BY_NUMBER if sequence[-1] == "~" else _BY_LETTER
    key = number[0] if number and sequence[-1] == "~" else sequence[-1]
    return [names[key]] if key in names else []

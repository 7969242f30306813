"""Write Postman's dynamic variables (`{{$guid}}`) as calls of builtin functions."""

from __future__ import annotations

from .draft import Expression
from .notes import Notes

_LETTERS = "${gen_random_string(8)}"
_EXACT = {
    "$guid": "${gen_random_string(32)}",
    "$randomAlphaNumeric": "${gen_random_string(1)}",
    "$randomInt": "${random_int(1000)}",
    "$randomPassword": "${gen_random_string(15)}",
    "$randomUUID": "${gen_random_string(32)}",
    "$timestamp": "${get_timestamp(10)}",
}
_ALIKE = {
    "$isoTimestamp": "${get_current_date(%Y-%m-%dT%H:%M:%S)}",
    "$randomBoolean": "true",
    "$randomEmail": f"{_LETTERS}@example.com",
    "$randomExampleEmail": f"{_LETTERS}@example.com",
    "$randomDomainName": f"{_LETTERS}.example.com",
    "$randomIP": "192.0.2.${random_int(255)}",
    "$randomIPV6": "2001:db8::${random_int(9999)}",
    "$randomPhoneNumber": "${random_int(1000000000)}",
    "$randomPrice": "${random_int(1000)}.00",
    "$randomUrl": f"https://{_LETTERS}.example.com",
}


def dynamic(name: str, notes: Notes) -> Expression:
    """Return the expression for a dynamic variable; a note tells if its values differ."""
    if name in _EXACT:
        return Expression(_EXACT[name])
    text = _ALIKE.get(name, _LETTERS)
    stands = "random letters stand" if text == _LETTERS else f"{text} stands"
    notes.add(f"{{{{{name}}}}} is not converted: {stands} for it", "write what you need")
    return Expression(text)

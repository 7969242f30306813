"""Cases of this project call these functions: `${name(arguments)}` in a case calls `name` here.

One process serves all users, many calls at a time: a function keeps nothing between two calls
that another user must not see.
"""

import itertools

_numbers = itertools.count(1)


def visit_id(user: str) -> str:
    """Return an id that no other visit of this run has."""
    return f"{user}-{next(_numbers)}"

"""Functions for the cases of this project: `${name(arguments)}` in a case file calls `name` here.

Arguments and results are JSON values. One process serves all users, with many calls at a time.
So a function must not keep anything between two calls that another user must not see.
"""

import hashlib
import hmac
import itertools
from typing import Any

_numbers = itertools.count(1)


def gen_user_name() -> str:
    """Return a name that no other user of this run has."""
    return f"user_{next(_numbers)}"


def sign(secret: str, method: str, path: str, token: str) -> str:
    """Return the signature that the shop wants: HMAC-SHA256 of method, path and token."""
    text = f"{method} {path} {token}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def user_of(token: str) -> str:
    """Return the name of the user that a token belongs to."""
    return token.partition(".")[0]


def add_request_id(request: dict[str, Any]) -> dict[str, Any]:
    """Add an id to the request, as a setup hook; equal requests get equal ids."""
    content = f"{request['method']} {request['url']} {request.get('body')}"
    headers = dict(request["headers"])
    headers["X-Request-Id"] = hashlib.sha256(content.encode()).hexdigest()[:16]
    return {**request, "headers": headers}

"""The names under which secrets stand, and those of values that are plainly harmless.

This is the only list of them: masking and `boomtalk convert` read it. docs/secrets.md tells it to
the user.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Self

from msgspec import Struct

# A secret's name holds one of these anywhere: X-Api-Key, accessToken, DB_PASSWORD.
_PARTS = (
    *("authorization", "cookie", "token", "password", "passwd", "passphrase", "passcode", "pwd"),
    *("secret", "signature", "credential", "csrf", "xsrf", "apikey", "api_key", "accesskey"),
    *("access_key", "privatekey", "private_key", "sessionid", "session_id", "sessid"),
)
# Or it ends with one of these words, or with one of them and `id` or `key`: X-Auth, userPin,
# authKey. Within a word they mean something else: author, shipping, compass.
_WORDS = ("auth", "oauth", "bearer", "session", "pin", "jwt", "otp", "cvv", "pass")
# These are secrets in the query of a URL or in a form: elsewhere `code` is mostly a number that
# tells how a request went.
_IN_QUERY = frozenset({"sig", "code"})
_HARMLESS = frozenset(
    (
        *("user", "username", "login", "name", "host", "hostname", "domain", "port", "scheme"),
        *("protocol", "region", "zone", "country", "city", "currency", "locale", "lang"),
        *("language", "timezone", "tz", "charset", "encoding", "version"),
        *("stage", "debug", "level", "timeout", "retries"),
    )
)
_HARMLESS_NAMES = frozenset({"base_url", "env", "environment"})
_SECRET = re.compile(
    rf"{'|'.join(_PARTS)}|(?<![a-z0-9])(?:{'|'.join(_WORDS)})(?:_?(?:id|key))?(?![a-z0-9_])"
)
_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEGMENT = re.compile(r"[\w-]+")
_LAST_WORD = re.compile(r"[a-z]+(?=\d*\Z)")
_ORIGIN = re.compile(r"(?:https?|wss?)://[\w.:\[\]-]+/?", re.ASCII)


def is_secret(name: str) -> bool:
    """Return whether a header, field or variable of this name holds a secret."""
    return _SECRET.search(_folded(name)) is not None


def is_harmless(name: str, value: str) -> bool:
    """Return whether a variable of the environment is plainly no secret, by its name or value.

    An address without a path only says where a target is; a path may be the key of a web hook.
    """
    if is_secret(name):
        return False
    folded = _folded(name)
    last = _LAST_WORD.search(folded)
    return (
        folded in _HARMLESS_NAMES
        or (last is not None and last[0] in _HARMLESS)
        or _ORIGIN.fullmatch(value) is not None
    )


class NameRules(Struct, frozen=True):
    """Decides by names: `masked` and `shown` are what --mask and --show name.

    Letter case counts for nothing in them, and `-` is `_`.
    """

    masked: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()

    @classmethod
    def of(cls, mask: Iterable[str], show: Iterable[str]) -> Self:
        return cls(frozenset(map(_plain, mask)), frozenset(map(_plain, show)))

    @property
    def stems(self) -> tuple[str, ...]:
        """Texts in small letters; every name that may be a secret's holds one of them."""
        named = (part for name in self.masked for part in (name, name.replace("_", "-")))
        parts = {*_STEMS, *named}
        return tuple(part for part in parts if not any(one in part for one in parts - {part}))

    def is_secret(self, name: str) -> bool:
        """Return whether a name, or a part of a path such as `body.token`, is a secret's."""
        return any(self._is_secret(segment) for segment in _SEGMENT.findall(name))

    def is_secret_in_query(self, name: str) -> bool:
        """Return whether a parameter of a query or a form holds a secret."""
        return self.is_secret(name) or _plain(name) in _IN_QUERY - self.shown

    def hides(self, name: str, value: str) -> bool:
        """Return whether the value of a variable of the environment is a secret."""
        plain = _plain(name)
        if plain in self.masked:
            return True
        return plain not in self.shown and not is_harmless(name, value)

    def is_shown(self, name: str) -> bool:
        """Return whether --show names it."""
        return _plain(name) in self.shown

    def _is_secret(self, segment: str) -> bool:
        plain = _plain(segment)
        return plain in self.masked or (plain not in self.shown and is_secret(segment))


# The words of a part may be apart in a name: api-key, session_id.
_STEMS = {
    *(part.rpartition("_")[2] for part in _PARTS if part != "session_id"),
    *_WORDS,
    *_IN_QUERY,
}


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _folded(name: str) -> str:
    """Return the name in small letters, with `_` between its words."""
    return _plain(_NEW_WORD.sub("_", name))

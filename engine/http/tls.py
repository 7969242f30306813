"""This module makes TLS contexts, and loads the system's authorities only where one is needed."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .options import HttpOptions

_load_authorities = ssl.SSLContext.set_default_verify_paths


class LateContext(ssl.SSLContext):
    """A context that loads the authorities of the system before its first handshake."""

    _has_loaded = False

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        self._load()
        return super().wrap_bio(*args, **options)

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        self._load()
        return super().wrap_socket(*args, **options)

    def _load(self) -> None:
        if not self._has_loaded:
            self._has_loaded = True
            _load_authorities(self)


@contextmanager
def late_authorities() -> Iterator[None]:
    """Let each context that is made in this block load the authorities when it first needs them.

    aiohttp makes two such contexts when it is imported. Loading takes a tenth of the start of a
    run that has no use for them.
    """

    def put_off(context: ssl.SSLContext) -> None:
        if type(context) is ssl.SSLContext:
            context.__class__ = LateContext
        else:
            _load_authorities(context)

    ssl.SSLContext.set_default_verify_paths = put_off  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        del ssl.SSLContext.set_default_verify_paths  # it covered that of the base class


def make_context(options: HttpOptions, *, verify: bool, http2: bool) -> ssl.SSLContext:
    """Return a context that verifies servers or not, and offers HTTP/2 or not.

    Raises OSError or ValueError for files that cannot be used.
    """
    if verify:
        context = ssl.create_default_context(cafile=options.cacert)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if options.cert is not None:
        context.load_cert_chain(options.cert, options.key)
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    return context

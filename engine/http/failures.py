"""This module maps connection errors of aiohttp and the system to the report's failure kinds."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl

from ..errors import StepFailed
from .aiohttp_names import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientHttpProxyError,
    ClientProxyConnectionError,
    ClientSSLError,
    UnixClientConnectorError,
)

_CONNECT_DETAILS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ETIMEDOUT: "timeout",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENOENT: "no_socket",
}
_LIMITS = {
    errno.EMFILE: ("fd_limit", "process"),
    errno.ENFILE: ("fd_limit", "system"),
    errno.EADDRNOTAVAIL: ("port_limit", ""),
}


def connect_failed(error: BaseException) -> StepFailed:
    """Return the failure that a connection error means."""
    if isinstance(error, ClientConnectorDNSError):
        return StepFailed("dns", f"{error.host}: {error.os_error.strerror or error.os_error}")
    if isinstance(error, ClientSSLError | ClientConnectorCertificateError | ssl.SSLError):
        return StepFailed("tls", _tls_reason(error), _tls_detail(error))
    if isinstance(error, ClientHttpProxyError):
        return StepFailed("connect", f"proxy answered {error.status} {error.message}", "proxy")
    # TimeoutError is an OSError, so it comes first.
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return StepFailed("timeout", "no connection within the timeout", "connect")
    cause = error.os_error if isinstance(error, ClientConnectorError) else error
    number = cause.errno if isinstance(cause, OSError) else None
    if number == errno.EADDRNOTAVAIL and _has_no_source(error):
        return StepFailed("connect", _connect_reason(error), "unreachable")
    if number in _LIMITS:
        kind, detail = _LIMITS[number]
        return StepFailed(kind, _connect_reason(error), detail)
    if number is None and isinstance(cause, ConnectionError):
        # The other side closed the connection in the middle of the TLS handshake.
        return StepFailed("connect", "closed before the connection was ready", "closed")
    detail = _CONNECT_DETAILS.get(number or 0, "other")
    if isinstance(error, ClientProxyConnectionError):
        detail = "proxy"
    return StepFailed("connect", _connect_reason(error), detail)


def _connect_reason(error: BaseException) -> str:
    """Return the target and the system's reason; aiohttp's own text repeats itself."""
    if not isinstance(error, ClientConnectorError):
        return str(error)
    number = error.os_error.errno
    return f"{_where(error)}: {os.strerror(number) if number else error.os_error}"


def _where(error: ClientConnectorError) -> str:
    if isinstance(error, UnixClientConnectorError):
        return error.path
    return f"[{error.host}]:{error.port}" if ":" in error.host else f"{error.host}:{error.port}"


def _has_no_source(error: BaseException) -> bool:
    """Whether this machine has no address from which it can reach the target.

    The system says of that what it says of ports that are used up. Connecting a datagram socket
    sends nothing and takes a port of another kind.
    """
    if not isinstance(error, ClientConnectorError) or ":" not in error.host:
        return False
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        return probe.connect_ex((error.host, error.port or 1)) == errno.EADDRNOTAVAIL


def _tls_reason(error: BaseException) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    text = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or str(cause)
    hint = "; verify: false or -k accepts it" if isinstance(cause, ssl.CertificateError) else ""
    return f"{text}{hint}"


def _tls_detail(error: BaseException) -> str:
    is_certificate = isinstance(error, ClientConnectorCertificateError | ssl.CertificateError)
    return "certificate" if is_certificate else "handshake"

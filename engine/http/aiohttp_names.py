"""This module imports what the package uses of aiohttp, and puts off its authorities."""

from __future__ import annotations

from .tls import late_authorities

with late_authorities():
    from aiohttp import (
        ClientConnectorCertificateError,
        ClientConnectorDNSError,
        ClientConnectorError,
        ClientConnectorSSLError,
        ClientError,
        ClientHttpProxyError,
        ClientProxyConnectionError,
        ClientRequest,
        ClientSSLError,
        ClientTimeout,
        TCPConnector,
        UnixConnector,
    )
    from aiohttp.client_exceptions import UnixClientConnectorError, cert_errors, ssl_errors
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.compression_utils import BrotliDecompressor, ZLibDecompressor, ZSTDDecompressor
    from aiohttp.connector import BaseConnector, Connection

__all__ = [
    "BaseConnector",
    "BrotliDecompressor",
    "ClientConnectorCertificateError",
    "ClientConnectorDNSError",
    "ClientConnectorError",
    "ClientConnectorSSLError",
    "ClientError",
    "ClientHttpProxyError",
    "ClientProxyConnectionError",
    "ClientRequest",
    "ClientSSLError",
    "ClientTimeout",
    "Connection",
    "ResponseHandler",
    "TCPConnector",
    "UnixClientConnectorError",
    "UnixConnector",
    "ZLibDecompressor",
    "ZSTDDecompressor",
    "cert_errors",
    "ssl_errors",
]

"""The flags that say where requests go and how plugins run, alike for every command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boomtalk.engine import HttpOptions
    from boomtalk.plugins import PluginOptions

Flags = Mapping[str, Any]


def http_of(flags: Flags) -> HttpOptions:
    """Return the HTTP options that these parsed flags (by parameter name) ask for."""
    from boomtalk.engine import HttpOptions

    return HttpOptions(
        timeout=flags["timeout"],
        verify=not flags["insecure"],
        cacert=flags["cacert"],
        cert=flags["cert"],
        key=flags["key"],
        proxy=flags["proxy"],
        unix_socket=flags["unix_socket"],
        keepalive=not flags["no_keepalive"],
        compression=not flags["no_compression"],
        keep_cookies=flags["keep_cookies"],
        max_connections=flags["max_connections"],
    )


def plugins_of(flags: Flags) -> PluginOptions:
    """Return the plugin options that these parsed flags ask for."""
    from boomtalk.plugins import PluginOptions

    return PluginOptions(
        python=flags["python"],
        call_timeout=flags["plugin_timeout"],
        start_timeout=flags["plugin_start_timeout"],
        threads=flags["plugin_threads"],
        memory_cap=flags["plugin_memory"],
    )


def pairs_of(pairs: list[str] | None) -> dict[str, str]:
    """Return the map that `K=V` flags spell."""
    return dict(pair.split("=", 1) for pair in pairs or ())

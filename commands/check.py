"""`boomtalk check`."""

from __future__ import annotations

import sys

import typer

from .flags import (
    BaseUrl,
    CaCert,
    Cert,
    Env,
    EnvFile,
    Insecure,
    KeepCookies,
    Key,
    LogFile,
    LogLevel,
    MaxConnections,
    NoColor,
    NoCompression,
    NoKeepalive,
    OnPluginLoss,
    Paths,
    PluginMemory,
    PluginStartTimeout,
    PluginThreads,
    PluginTimeout,
    Proxy,
    Python,
    Quiet,
    Timeout,
    UnixSocket,
)
from .functional_test import FunctionalTest, check_functional
from .target import http_of, pairs_of, plugins_of
from .voices import Screen


def check(
    context: typer.Context,
    paths: Paths,
    base_url: BaseUrl = None,
    env: Env = None,
    env_file: EnvFile = None,
    insecure: Insecure = False,
    cacert: CaCert = None,
    cert: Cert = None,
    key: Key = None,
    proxy: Proxy = None,
    unix_socket: UnixSocket = None,
    timeout: Timeout = "120s",  # type: ignore[assignment]
    no_keepalive: NoKeepalive = False,
    no_compression: NoCompression = False,
    keep_cookies: KeepCookies = False,
    max_connections: MaxConnections = 0,
    python: Python = None,
    plugin_timeout: PluginTimeout = "30s",  # type: ignore[assignment]
    plugin_start_timeout: PluginStartTimeout = "30s",  # type: ignore[assignment]
    plugin_threads: PluginThreads = 32,
    plugin_memory: PluginMemory = None,
    on_plugin_loss: OnPluginLoss = "stop",
    quiet: Quiet = False,
    no_color: NoColor = False,
    log_level: LogLevel = "warning",
    log_file: LogFile = None,
) -> None:
    """Load and compile everything, with plugins and data files; send nothing.

    Takes the target and plugin flags of `run`, so that the same words can be checked first.
    """
    import uvloop

    test = FunctionalTest(
        paths=paths,
        environment=pairs_of(env),
        env_file=env_file,
        base_url=base_url,
        http=http_of(context.params),
        plugins=plugins_of(context.params),
        screen=Screen(True, quiet, no_color, log_level, log_file),
    )
    sys.exit(uvloop.run(check_functional(test)))

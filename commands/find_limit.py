"""`boomtalk find-limit`: the highest arrival rate at which the thresholds hold."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .flags import (
    BaseUrl,
    CaCert,
    Cert,
    Env,
    EnvFile,
    Insecure,
    Json,
    KeepCookies,
    Key,
    LogFile,
    LogLevel,
    MaxConnections,
    MaxUsers,
    NoColor,
    NoCompression,
    NoKeepalive,
    OnDataEnd,
    OnPluginLoss,
    Paths,
    PluginMemory,
    PluginStartTimeout,
    PluginThreads,
    PluginTimeout,
    Proxy,
    Python,
    Quiet,
    Seed,
    Thresholds,
    Timeout,
    UnixSocket,
    duration_flag,
    written,
)
from .search import Search, find
from .target import http_of, pairs_of, plugins_of
from .voices import Screen, opened_log

From = Annotated[
    float,
    typer.Option("--from", parser=written("parse_rate"), metavar="N/s", help="First rate to try."),
]
To = Annotated[
    float,
    typer.Option("--to", parser=written("parse_rate"), metavar="N/s", help="Highest to try."),
]
Step = Annotated[
    float, typer.Option("--step", parser=duration_flag, metavar="TIME", help="Length of a trial.")
]
Precision = Annotated[
    float,
    typer.Option(
        "--precision", metavar="SHARE", min=0.001, max=1, help="Share at which the search ends."
    ),
]


def find_limit(
    context: typer.Context,
    paths: Paths,
    threshold: Thresholds = None,
    first: From = "10/s",  # type: ignore[assignment]
    most: To = "10000/s",  # type: ignore[assignment]
    step: Step = "10s",  # type: ignore[assignment]
    precision: Precision = 0.05,
    max_users: MaxUsers = None,
    seed: Seed = None,
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
    on_data_end: OnDataEnd = "stop",
    json: Json = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    log_level: LogLevel = "warning",
    log_file: LogFile = None,
) -> None:
    """Search the highest arrival rate at which the thresholds hold and nothing is dropped."""
    import uvloop
    from boomtalk.engine.measure.thresholds import parse_threshold

    search = Search(
        paths=paths,
        environment=pairs_of(env),
        env_file=env_file,
        base_url=base_url,
        http=http_of(context.params),
        plugins=plugins_of(context.params),
        stop_on_plugin_loss=on_plugin_loss == "stop",
        recycles_rows=on_data_end == "recycle",
        thresholds=threshold or [parse_threshold("error_rate<1%")],
        first=first,
        most=most,
        seconds=step,
        precision=precision,
        max_users=max_users,
        seed=seed,
        json=json,
        screen=Screen(False, quiet, no_color, log_level, log_file),
    )
    with opened_log(search.screen) as log:
        sys.exit(uvloop.run(find(search, log)))

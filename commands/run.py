"""`boomtalk run`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import typer

from .flags import (
    BaseUrl,
    CaCert,
    CaseTimeout,
    Cert,
    Env,
    EnvFile,
    GenHtml,
    Html,
    Insecure,
    Json,
    Junit,
    KeepCookies,
    KeepsGoing,
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
    SaveTests,
    Timeout,
    UnixSocket,
    Verbose,
)
from .functional_test import FunctionalTest, results_folder, run_functional
from .target import http_of, pairs_of, plugins_of
from .voices import Screen


def run(
    context: typer.Context,
    paths: Paths,
    continue_on_failure: KeepsGoing = False,
    verbose: Verbose = False,
    json: Json = None,
    html: Html = None,
    junit: Junit = None,
    save_tests: SaveTests = False,
    gen_html_report: GenHtml = False,
    case_timeout: CaseTimeout = None,
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
    """Run cases once per parameter row, as a functional test."""
    import uvloop

    folder = results_folder(datetime.now())
    test = FunctionalTest(
        paths=paths,
        environment=pairs_of(env),
        env_file=env_file,
        base_url=base_url,
        http=http_of(context.params),
        plugins=plugins_of(context.params),
        screen=Screen(True, quiet, no_color, log_level, log_file),
        keeps_going=continue_on_failure,
        stops_on_plugin_loss=on_plugin_loss == "stop",
        case_timeout=case_timeout,
        verbose=verbose,
        json=json or _default(save_tests, folder / "summary.json"),
        html=html or _default(gen_html_report, folder / "report.html"),
        junit=junit,
    )
    sys.exit(uvloop.run(run_functional(test)))


def _default(wanted: bool, path: Path) -> Path | None:
    return path if wanted else None

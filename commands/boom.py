"""`boomtalk boom` and `boomtalk demo`."""

from __future__ import annotations

from pathlib import Path

import typer

from .driving import exit_with
from .flags import (
    AbortOnThreshold,
    ArrivalRate,
    Baseline,
    BaseUrl,
    CaCert,
    Cert,
    Csv,
    DryRun,
    Duration,
    Env,
    EnvFile,
    FailIfWorse,
    FailOnError,
    Grace,
    Html,
    IdHeader,
    IncreaseRate,
    Insecure,
    Iterations,
    Json,
    Junit,
    KeepCookies,
    Key,
    LogFile,
    LogLevel,
    Loops,
    Markdown,
    MaxConnections,
    MaxIps,
    MaxRps,
    MaxUsers,
    Name,
    NoColor,
    NoCompression,
    NoKeepalive,
    NoOut,
    OnDataEnd,
    OnPluginLoss,
    OnShardLoss,
    Out,
    Paths,
    Plain,
    PluginMemory,
    PluginStartTimeout,
    PluginThreads,
    PluginTimeout,
    Profile,
    Prometheus,
    PrometheusGateway,
    Proxy,
    Python,
    Quiet,
    Ray,
    Samples,
    Seed,
    Shards,
    SpawnRate,
    Stages,
    Strict,
    Tag,
    Thresholds,
    Timeout,
    UnixSocket,
    Users,
    Warmup,
)
from .load_test import LoadTest
from .target import http_of, pairs_of, plugins_of
from .voices import Screen


def boom(
    context: typer.Context,
    paths: Paths,
    users: Users = None,
    spawn_rate: SpawnRate = None,
    stage: Stages = None,
    arrival_rate: ArrivalRate = None,
    max_users: MaxUsers = None,
    max_rps: MaxRps = None,
    max_ips: MaxIps = None,
    request_increase_rate: IncreaseRate = "-1",
    profile: Profile = None,
    warmup: Warmup = "0",  # type: ignore[assignment]
    duration: Duration = None,
    iterations: Iterations = None,
    loops: Loops = None,
    graceful_stop: Grace = "30s",  # type: ignore[assignment]
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
    shards: Shards = None,
    ray: Ray = None,
    on_shard_loss: OnShardLoss = "stop",
    threshold: Thresholds = None,
    abort_on_threshold: AbortOnThreshold = False,
    fail_on_error: FailOnError = False,
    strict: Strict = False,
    baseline: Baseline = None,
    fail_if_worse: FailIfWorse = None,
    out: Out = None,
    no_out: NoOut = False,
    json: Json = None,
    csv: Csv = None,
    junit: Junit = None,
    html: Html = None,
    markdown: Markdown = None,
    samples: Samples = None,
    id_header: IdHeader = None,
    prometheus: Prometheus = None,
    prometheus_gateway: PrometheusGateway = None,
    name: Name = None,
    tag: Tag = None,
    dry_run: DryRun = False,
    plain: Plain = False,
    quiet: Quiet = False,
    no_color: NoColor = False,
    log_level: LogLevel = "warning",
    log_file: LogFile = None,
) -> None:
    """Load-test cases: each user runs them again and again."""
    from boomtalk.engine import Load
    from boomtalk.engine.load.parsing import shape_of

    test = LoadTest(
        paths=paths,
        environment=pairs_of(env),
        env_file=env_file,
        base_url=base_url,
        load=Load(
            shape_of(users, spawn_rate, stage or (), arrival_rate, max_users),
            duration=duration,
            iterations=iterations,
            loops=loops,
            graceful_stop=graceful_stop,
            warmup=warmup,
            max_requests=max_rps,
            max_iterations=max_ips,
            increase=request_increase_rate,
            seed=seed,
        ),
        http=http_of(context.params),
        plugins=plugins_of(context.params),
        dry_run=dry_run,
        stop_on_plugin_loss=on_plugin_loss == "stop",
        recycles_rows=on_data_end == "recycle",
        thresholds=threshold or (),
        abort_on_threshold=abort_on_threshold,
        fail_on_error=fail_on_error,
        strict=strict,
        baseline=baseline,
        fail_if_worse=fail_if_worse,
        out=None if no_out else out or Path("results"),
        is_out_given=out is not None,
        json=json,
        csv=csv,
        junit=junit,
        html=html,
        markdown=markdown,
        samples=samples,
        id_header=id_header,
        prometheus=prometheus,
        prometheus_gateway=prometheus_gateway,
        shards=shards,
        ray=ray,
        stops_on_shard_loss=on_shard_loss == "stop",
        name=name,
        tags=pairs_of(tag),
        screen=Screen(plain, quiet, no_color, log_level, log_file),
    )
    exit_with(test)


def demo(
    users: Users = None,
    duration: Duration = "10s",  # type: ignore[assignment]
    json: Json = None,
    plain: Plain = False,
    no_color: NoColor = False,
) -> None:
    """Load-test the shipped example project against a target server of its own."""
    from boomtalk.engine import HttpOptions, Load, Ramp
    from boomtalk.examples import DEMO_CASE
    from boomtalk.examples.target import target_process
    from boomtalk.plugins import PluginOptions

    with target_process() as target:
        test = LoadTest(
            paths=[str(DEMO_CASE)],
            base_url=target.url,
            load=Load(Ramp(users or 200), duration=duration),
            http=HttpOptions(),
            plugins=PluginOptions(),
            out=Path("results"),
            json=json,
            name="demo",
            screen=Screen(plain, False, no_color, "warning"),
        )
        exit_with(test)

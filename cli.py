"""The command line: flags become values, a run is wired up, its end becomes an exit code.

The only place that knows both the engine and the plugins. Heavy imports wait until a command
needs them, so that `--help` is quick.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from boomtalk.engine import HttpOptions, Load, Outcome, Run
    from boomtalk.engine.load.stop import Stop
    from boomtalk.engine.report.files import ResultFiles
    from boomtalk.plugins import PluginOptions, PluginSnapshot
    from rich.console import Console

app = typer.Typer(
    help="Load-test HttpRunner v4 cases: thousands of users, one plugin process per debugtalk.py.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# HttpRunner's (and k6's) names for the same things; they work, and stay out of --help.
_ALIASES = {
    "--spawn-count": "--users",
    "--vus": "--users",
    "--run-time": "--duration",
    "-t": "--duration",
    "--loop-count": "--loops",
    "--no-tui": "--plain",
    "--disable-console-output": "--plain",
    "--disable-keepalive": "--no-keepalive",
    "--disable-compression": "--no-compression",
    "--venv": "--python",
}


def _duration(text: str) -> float:
    from boomtalk.engine.report.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _pair(text: str) -> str:
    if "=" not in text:
        raise typer.BadParameter(f"write it as KEY=VALUE, not {text!r}")
    return text


Paths = Annotated[
    list[Path], typer.Argument(help="Case files or folders of them.", show_default=False)
]
Users = Annotated[
    int, typer.Option("--users", "-u", min=1, help="Users at work.", rich_help_panel="Load")
]
SpawnRate = Annotated[
    float | None,
    typer.Option("--spawn-rate", "-r", help="Users started per second; default: all in the first."),
]
Duration = Annotated[
    float | None,
    typer.Option("--duration", "-d", parser=_duration, metavar="TIME", help="30s, 90, 1h30m."),
]
Iterations = Annotated[
    int | None, typer.Option("--iterations", "-i", min=1, help="Iterations over all users.")
]
Loops = Annotated[int | None, typer.Option("--loops", min=1, help="Iterations per user.")]
Grace = Annotated[
    float,
    typer.Option(
        "--graceful-stop",
        parser=_duration,
        metavar="TIME",
        help="How long iterations under way may go on after the end.",
    ),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Repeat every random choice.")]
BaseUrl = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="Beats the cases' own base URL.")
]
Env = Annotated[
    list[str] | None,
    typer.Option("--env", "-e", parser=_pair, metavar="K=V", help="Beats .env; repeatable."),
]
EnvFile = Annotated[
    Path | None, typer.Option("--env-file", metavar="FILE", help="Read instead of .env.")
]
Insecure = Annotated[bool, typer.Option("--insecure", "-k", help="Accept any TLS certificate.")]
Timeout = Annotated[
    float,
    typer.Option("--timeout", parser=_duration, metavar="TIME", help="Limit of a whole request."),
]
NoKeepalive = Annotated[
    bool, typer.Option("--no-keepalive", help="A new connection for each request.")
]
NoCompression = Annotated[
    bool, typer.Option("--no-compression", help="Do not ask for compressed responses.")
]
KeepCookies = Annotated[
    bool, typer.Option("--keep-cookies", help="Users keep cookies from iteration to iteration.")
]
MaxConnections = Annotated[
    int, typer.Option("--max-connections", min=0, help="Over all users; 0 is no limit.")
]
Python = Annotated[
    str | None,
    typer.Option(
        "--python",
        metavar="PATH",
        help="Interpreter or venv of the plugin; default: the project's .venv, else ours.",
    ),
]
PluginTimeout = Annotated[
    float,
    typer.Option("--plugin-timeout", parser=_duration, metavar="TIME", help="Limit of one call."),
]
PluginStartTimeout = Annotated[
    float,
    typer.Option(
        "--plugin-start-timeout", parser=_duration, metavar="TIME", help="Limit of the import."
    ),
]
PluginThreads = Annotated[
    int,
    typer.Option("--plugin-threads", min=1, help="Long calls at once in a plugin; 1 serialises."),
]
OnPluginLoss = Annotated[
    str, typer.Option("--on-plugin-loss", metavar="stop|continue", help="When one is given up.")
]
FailOnError = Annotated[bool, typer.Option("--fail-on-error", help="Exit 1 if anything failed.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Run directory; default: results/TIME-CASE."),
]
NoOut = Annotated[bool, typer.Option("--no-out", help="Write no run directory.")]
Json = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the report here; - is stdout.")
]
Plain = Annotated[
    bool, typer.Option("--plain", help="One line per 10 s instead of the live table.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Neither table nor summary.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours (also: NO_COLOR).")]
LogLevel = Annotated[
    str, typer.Option("--log-level", help="debug, info (what plugins print), warning, error.")
]
Name = Annotated[str | None, typer.Option("--name", help="Labels the run in its report.")]
Tag = Annotated[
    list[str] | None, typer.Option("--tag", parser=_pair, metavar="K=V", help="Repeatable.")
]


@dataclass(frozen=True, slots=True)
class _Screen:
    """What the user wants to see."""

    plain: bool
    quiet: bool
    no_color: bool
    log_level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """A load test as asked for on the command line."""

    paths: Sequence[Path]
    load: Load
    http: HttpOptions
    plugins: PluginOptions
    screen: _Screen
    environment: Mapping[str, str] = field(default_factory=dict)
    env_file: Path | None = None
    base_url: str | None = None
    stop_on_plugin_loss: bool = True
    fail_on_error: bool = False
    out: Path | None = None
    is_out_given: bool = False
    json: Path | None = None
    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def _exit_with(test: _Test) -> NoReturn:
    """Run the test and exit; every error on purpose becomes a message and its exit code."""
    import uvloop
    from boomtalk.engine import BoomtalkError
    from boomtalk.engine.report.terminal import say

    try:
        code = uvloop.run(_boom(test))
    except BoomtalkError as error:
        say(sys.stderr, f"error: {error}" + (f"\n{error.hint}" if error.hint else ""))
        code = error.exit_code
    sys.exit(code)


async def _boom(test: _Test) -> int:
    from boomtalk.engine import Run, load_cases
    from boomtalk.engine.load.stop import Stop, stopped_by_signals
    from boomtalk.plugins import PluginPool

    stop = Stop()
    console, log = _voices(test.screen, test.json)
    with stopped_by_signals(stop):
        loaded = load_cases(test.paths, test.environment, test.env_file)
        for warning in loaded.warnings:
            log("warning", str(warning))
        started_at = datetime.now(UTC)
        files = _files(test, str(loaded.cases[0].config.name.value), started_at)
        files.open()
        async with PluginPool(test.plugins, log) as pool:
            run = Run(
                loaded.cases,
                test.load,
                http=test.http,
                base_url=test.base_url,
                plugins=pool,
                stop=stop,
                stop_on_plugin_loss=test.stop_on_plugin_loss,
            )
            if not await _prepared(run):
                return _signal_code(stop)
            async with _watched(run, test, console):
                outcome = await run.execute()
        return _tell(test, outcome, pool.snapshots(), files, started_at, console)


async def _prepared(run: Run) -> bool:
    """Prepare the run; False when a signal came first."""
    preparing = asyncio.ensure_future(run.prepare())
    stopping = asyncio.ensure_future(run.stop.requested())
    await asyncio.wait({preparing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if preparing.done():
        preparing.result()
        return True
    preparing.cancel()
    await asyncio.gather(preparing, return_exceptions=True)
    return False


@asynccontextmanager
async def _watched(run: Run, test: _Test, console: Console) -> AsyncIterator[None]:
    """Show the run while it lasts: a live table on a terminal, else a line now and then."""
    from boomtalk.engine.report.live import Sources, show_lines, show_live
    from boomtalk.engine.report.terminal import say

    if test.screen.quiet:
        yield
        return
    sources = Sources(
        snapshot=run.snapshot,
        plugins=run.plugins.snapshots,
        health=run.health.snapshot,
        load=run.load,
        title=test.name or run.title,
        is_stopping=lambda: run.stop.is_requested,
    )
    if console.is_terminal and not test.screen.plain:
        showing = asyncio.create_task(show_live(sources, console))
    else:
        showing = asyncio.create_task(show_lines(sources, partial(say, console.file)))
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


def _tell(
    test: _Test,
    outcome: Outcome,
    plugins: Sequence[PluginSnapshot],
    files: ResultFiles,
    started_at: datetime,
    console: Console,
) -> int:
    """Print the summary, write the results, and return the exit code."""
    from boomtalk.engine.errors import ResultsError
    from boomtalk.engine.report.json_report import About, report_of
    from boomtalk.engine.report.summary import summary
    from boomtalk.engine.report.terminal import say

    code = _exit_code(test, outcome)
    about = About(_version(), ["boomtalk", *sys.argv[1:]], test.name, test.tags, started_at)
    if not test.screen.quiet:
        console.print(summary(outcome, test.load, plugins, console.width))
    try:
        files.write(report_of(outcome, test.load, plugins, about, code))
    except ResultsError as error:
        say(sys.stderr, f"error: {error}")
        return error.exit_code
    if not test.screen.quiet and files.directory is not None:
        console.print(f"report      {files.directory / 'report.json'}")
    return code


def _exit_code(test: _Test, outcome: Outcome) -> int:
    if outcome.stopped_by == "plugin":
        return 3
    if outcome.signal is not None:
        return _signal_code_of(outcome.signal)
    counts = outcome.snapshot.accounting
    failed = counts.failed + counts.not_issued + outcome.snapshot.iterations.failed
    return 1 if test.fail_on_error and failed else 0


def _signal_code(stop: Stop) -> int:
    return _signal_code_of(stop.signal or signal.SIGINT)


def _signal_code_of(number: int) -> int:
    return 130 if number == signal.SIGINT else 143


def _files(test: _Test, case: str, started_at: datetime) -> ResultFiles:
    from boomtalk.engine.report.files import ResultFiles, new_directory

    directory = test.out
    if directory is not None and not test.is_out_given:
        directory = new_directory(directory, case, started_at)
    return ResultFiles(directory, test.json)


def _voices(screen: _Screen, json: Path | None) -> tuple[Console, Callable[[str, str], None]]:
    """Return the console for table and summary, and the function that takes log lines."""
    from boomtalk.engine.report.terminal import say, terminal

    levels = ["debug", "info", "warning", "error"]
    if screen.log_level not in levels:
        raise typer.BadParameter(f"is one of {', '.join(levels)}", param_hint="--log-level")
    least = levels.index(screen.log_level)

    def log(level: str, line: str) -> None:
        if levels.index(level) >= least:
            say(sys.stderr, f"{level}: {line}")

    # A report on stdout must stay alone there.
    stream = sys.stderr if json is not None and str(json) == "-" else sys.stdout
    return terminal(stream, screen.no_color), log


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"boomtalk {_version()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def boom(
    paths: Paths,
    users: Users = 1,
    spawn_rate: SpawnRate = None,
    duration: Duration = None,
    iterations: Iterations = None,
    loops: Loops = None,
    graceful_stop: Grace = "30s",  # type: ignore[assignment]
    seed: Seed = None,
    base_url: BaseUrl = None,
    env: Env = None,
    env_file: EnvFile = None,
    insecure: Insecure = False,
    timeout: Timeout = "120s",  # type: ignore[assignment]
    no_keepalive: NoKeepalive = False,
    no_compression: NoCompression = False,
    keep_cookies: KeepCookies = False,
    max_connections: MaxConnections = 0,
    python: Python = None,
    plugin_timeout: PluginTimeout = "30s",  # type: ignore[assignment]
    plugin_start_timeout: PluginStartTimeout = "30s",  # type: ignore[assignment]
    plugin_threads: PluginThreads = 32,
    on_plugin_loss: OnPluginLoss = "stop",
    fail_on_error: FailOnError = False,
    out: Out = None,
    no_out: NoOut = False,
    json: Json = None,
    name: Name = None,
    tag: Tag = None,
    plain: Plain = False,
    quiet: Quiet = False,
    no_color: NoColor = False,
    log_level: LogLevel = "warning",
) -> None:
    """Load-test cases: each user runs them again and again."""
    from boomtalk.engine import HttpOptions, Load
    from boomtalk.plugins import PluginOptions

    if on_plugin_loss not in ("stop", "continue"):
        raise typer.BadParameter("is stop or continue", param_hint="--on-plugin-loss")
    test = _Test(
        paths=paths,
        environment=dict(pair.split("=", 1) for pair in env or ()),
        env_file=env_file,
        base_url=base_url,
        load=Load(users, spawn_rate, duration, iterations, loops, graceful_stop, seed),
        http=HttpOptions(
            timeout=timeout,
            verify=not insecure,
            keepalive=not no_keepalive,
            compression=not no_compression,
            keep_cookies=keep_cookies,
            max_connections=max_connections,
        ),
        plugins=PluginOptions(
            python=python,
            call_timeout=plugin_timeout,
            start_timeout=plugin_start_timeout,
            threads=plugin_threads,
        ),
        stop_on_plugin_loss=on_plugin_loss == "stop",
        fail_on_error=fail_on_error,
        out=None if no_out else out or Path("results"),
        is_out_given=out is not None,
        json=json,
        name=name,
        tags=dict(pair.split("=", 1) for pair in tag or ()),
        screen=_Screen(plain, quiet, no_color, log_level),
    )
    _exit_with(test)


@app.command()
def demo(
    users: Users = 200,
    duration: Duration = "10s",  # type: ignore[assignment]
    json: Json = None,
    plain: Plain = False,
    no_color: NoColor = False,
) -> None:
    """Load-test the shipped example project against a target server of its own."""
    from boomtalk.engine import HttpOptions, Load
    from boomtalk.examples import DEMO_CASE
    from boomtalk.examples.target import target_process
    from boomtalk.plugins import PluginOptions

    with target_process() as target:
        test = _Test(
            paths=[DEMO_CASE],
            base_url=target.url,
            load=Load(users, duration=duration),
            http=HttpOptions(),
            plugins=PluginOptions(),
            out=Path("results"),
            json=json,
            name="demo",
            screen=_Screen(plain, False, no_color, "warning"),
        )
        _exit_with(test)


def main() -> None:
    """Run the command line of this process."""
    app(args=_canonical(sys.argv[1:]), prog_name="boomtalk")


def _canonical(words: Sequence[str]) -> list[str]:
    """Return the words with other tools' names for our flags replaced."""
    renamed = []
    for word in words:
        flag, mark, value = word.partition("=")
        renamed.append(_ALIASES.get(flag, flag) + mark + value)
    return renamed


def _version() -> str:
    from importlib.metadata import version

    return version("boomtalk")


if __name__ == "__main__":
    main()

"""The command line of boomtalk: its commands, and other tools' names for their flags.

Heavy imports wait until a command needs them, so that `--help` is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer
from boomtalk.commands.boom import boom, demo
from boomtalk.commands.check import check
from boomtalk.commands.compare import compare
from boomtalk.commands.convert import convert
from boomtalk.commands.doctor import doctor
from boomtalk.commands.find_limit import find_limit
from boomtalk.commands.help import Command, page_of
from boomtalk.commands.init import init
from boomtalk.commands.report import report
from boomtalk.commands.run import run
from boomtalk.commands.serve_target import target
from boomtalk.commands.voices import open_standard_streams

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
    "-p": "--proxy",
    "--proxy-url": "--proxy",
}

for command in (boom, run, check, report, compare, find_limit, convert, init, doctor, demo, target):
    known_as = command.__name__.replace("_", "-")
    app.command(known_as, cls=Command, short_help=page_of(known_as).short or None)(command)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"boomtalk {metadata.version('boomtalk')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line of this process; what went wrong becomes a message and an exit code."""
    open_standard_streams()
    try:
        app(args=_canonical(sys.argv[1:]), prog_name="boomtalk")
    except Exception as error:
        # Only now: the engine takes longer to import than --help may take.
        from boomtalk.engine.errors import BoomtalkError
        from boomtalk.engine.output.terminal import say

        if not isinstance(error, BoomtalkError):
            raise
        say(sys.stderr, f"error: {error}" + (f"\n{error.hint}" if error.hint else ""))
        sys.exit(error.exit_code)


def _canonical(words: Sequence[str]) -> list[str]:
    """Return the words with other tools' names for our flags replaced."""
    renamed = []
    for word in words:
        flag, mark, value = word.partition("=")
        renamed.append(_ALIASES.get(flag, flag) + mark + value)
    return renamed


if __name__ == "__main__":
    main()

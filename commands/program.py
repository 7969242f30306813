"""The commands of the program."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from boomtalk.commands.help import PAGES, Command
from boomtalk.commands.other_names import NotHereError, canonical
from boomtalk.commands.standard_streams import give_up_stdout, open_standard_streams
from boomtalk.version import VERSION
from typer.core import TyperGroup

_STYLE: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_HELP = {"help_option_names": ["-h", "--help"]}


class Commands(TyperGroup):
    """The commands of the program. Each is imported when it is called: help needs none."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(PAGES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands and cmd_name in PAGES:
            self.commands[cmd_name] = _command(cmd_name)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, page.short) for name, page in PAGES.items()])


def _command(name: str) -> Any:
    """Import the command of this name: the function of the module that is called like it."""
    module = name.replace("-", "_")
    function = getattr(import_module(f"boomtalk.commands.{module}"), module)
    settings = {**_HELP, "auto_envvar_prefix": f"BOOMTALK_{module.upper()}"}
    alone = typer.Typer(add_completion=False, **_STYLE)
    alone.command(name, cls=Command, context_settings=settings)(function)
    return typer.main.get_command(alone)


app = typer.Typer(
    cls=Commands,
    help="Load-test HttpRunner v4 cases: thousands of users, one plugin process per debugtalk.py."
    "\n\nEnvironment variables set flags: BOOMTALK_BOOM_USERS=50 is boom --users 50.",
    no_args_is_help=True,
    context_settings=_HELP,
    **_STYLE,
)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"boomtalk {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(words: Sequence[str]) -> NoReturn:
    """Run the command that the words name, and exit."""
    open_standard_streams()
    try:
        app(args=canonical(words), prog_name="boomtalk")
    except NotHereError as error:
        typer.echo(f"error: {error}\n{error.instead}", err=True)
        raise SystemExit(2) from None
    except OSError as error:
        if error.errno not in _FULL:
            raise
        give_up_stdout(error)  # a help text has no place to go
    raise SystemExit

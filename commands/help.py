"""The help of commands beside the help of their flags: panels, examples, exit codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand

_PANELS = (
    "Load",
    "Search",
    "Target",
    "Plugin",
    "Beyond one core",
    "Verdict",
    "Output",
    "HAR files",
)
_OTHERS = "Options"

_FINE = "0 fine"
_BAD_INPUT = "2 bad input, nothing was sent"
_NO_PLUGIN = "3 a plugin could not start or was given up"
_SIGNAL = "130 Ctrl-C, 143 SIGTERM or SIGHUP"


class Page(NamedTuple):
    """The help of a command around its flags; `exits` are its exit codes in words."""

    short: str
    examples: tuple[str, ...] = ()
    exits: tuple[str, ...] = ()


PAGES: Mapping[str, Page] = {
    "boom": Page(
        "Load-test cases, with a live table.",
        (
            "boomtalk boom shop.yml -u 1000 -d 30s",
            "boomtalk boom testcases/ -u 50 -r 5 -i 2000",
            "boomtalk boom shop.yml --stage 10s:200 --stage 1m:200 --stage 10s:0",
            "boomtalk boom shop.yml --arrival-rate 500/s -d 1m",
            "boomtalk boom shop.yml -u 100 -d 1m --threshold 'p(95)<300' --json report.json",
            "boomtalk boom http://127.0.0.1:8080/ -u 64 -d 10s",
        ),
        (
            _FINE,
            "1 a threshold, --fail-on-error or a comparison failed",
            _BAD_INPUT,
            _NO_PLUGIN,
            "4 results are incomplete",
            "5 the generator was saturated (--strict)",
            _SIGNAL,
        ),
    ),
    "run": Page(
        "Run cases once, as a functional test.",
        (
            "boomtalk run testcases/",
            "boomtalk run shop.yml -v",
            "boomtalk run shop.yml -c --json summary.json --html report.html --junit junit.xml",
        ),
        (
            "0 every step passed",
            "1 a step failed, or a case took too long",
            _BAD_INPUT,
            _NO_PLUGIN,
            "4 a report could not be written",
            _SIGNAL,
        ),
    ),
    "check": Page(
        "Load and compile cases; send nothing.",
        ("boomtalk check testcases/", "boomtalk check shop.yml --base-url http://127.0.0.1:8080"),
        ("0 everything can run", "2 a file, a flag or an expression is wrong", _NO_PLUGIN),
    ),
    "report": Page(
        "Show a run again from its directory.",
        (
            "boomtalk report results/RUN",
            "boomtalk report results/RUN --html report.html",
            "boomtalk report results/RUN --markdown -",
            "boomtalk report results/RUN --curl 3",
        ),
        (_FINE, "2 there is no record of a run", "4 a report could not be written"),
    ),
    "compare": Page(
        "Compare two runs.",
        (
            "boomtalk compare results/BEFORE results/AFTER",
            "boomtalk compare BEFORE AFTER --fail-if-worse 10% --markdown comment.md",
        ),
        (
            "0 nothing is worse",
            "1 something is worse, or the runs are too short to tell",
            "2 bad input, or times that are mostly the generator's own",
        ),
    ),
    "find-limit": Page(
        "Search the highest rate that a target holds.",
        ("boomtalk find-limit shop.yml --threshold 'p(95)<300' --from 10/s --to 2000/s",),
        (
            "0 the search is over, whether a rate held or not",
            _BAD_INPUT,
            _NO_PLUGIN,
            _SIGNAL,
        ),
    ),
    "convert": Page(
        "Turn HAR, Postman, curl and OpenAPI into cases.",
        (
            "boomtalk convert visit.har --host shop.example --exclude /metrics -o testcases",
            "boomtalk convert collection.json environment.json -o testcases",
            "boomtalk convert calls.sh openapi.yaml -o testcases",
            "xclip -o | boomtalk convert - -o testcases",
        ),
        ("0 fine, stderr tells what is not converted", "2 bad input, nothing was written"),
    ),
    "init": Page(
        "Make a new project with example cases.",
        ("boomtalk init shop", "boomtalk init .", "boomtalk init shop --lang zh"),
        (_FINE, "2 a file is there already; nothing was written"),
    ),
    "schema": Page(
        "Print the JSON schema of cases for editors.",
        ("boomtalk schema > case.schema.json", "boomtalk schema profile > profile.schema.json"),
        (_FINE, "2 bad usage"),
    ),
    "doctor": Page(
        "Look at this machine before a load test.",
        ("boomtalk doctor", "boomtalk doctor shop/ --no-ceiling", "boomtalk doctor --json -"),
        ("0 nothing would spoil a run", "1 something would spoil a run", "2 bad usage"),
    ),
    "demo": Page(
        "Load-test the shipped example project.", ("boomtalk demo", "boomtalk demo -u 1000 -d 30s")
    ),
    "target": Page(
        "Serve the shop that the examples are for.",
        ("boomtalk target", "boomtalk target --port 9000 --delay 0.1"),
        (_FINE, "2 the address cannot be listened on"),
    ),
    "version": Page("Show the versions of boomtalk and what it uses.", ("boomtalk version",)),
}


class Command(TyperCommand):
    """A command whose flags stand in panels, followed by its page."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            # The library speaks of its own types here: "not a valid int range".
            error.message = re.sub(r"a valid (int|float)\b.*", _number, error.message)
            raise

    def format_options(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is not None:
                panels.setdefault(_panel(parameter), []).append(record)
        order = ["Arguments", *_PANELS, *panels]
        for title in dict.fromkeys(one for one in order if one in panels and one != _OTHERS):
            _section(formatter, title, panels[title])
        _section(formatter, _OTHERS, panels[_OTHERS])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        page = PAGES[str(self.name)]
        sections = (
            ("Examples", page.examples),
            ("Exit codes", page.exits),
            ("Environment", self._environment(ctx.auto_envvar_prefix)),
        )
        for title, lines in sections:
            if lines:
                with formatter.section(title):
                    formatter.write("".join(f"  {line}\n" for line in lines))

    def _environment(self, prefix: str) -> tuple[str, ...]:
        """Say which variables set flags, with one as an example."""
        options = [one for one in self.params if one.param_type_name == "option"]
        flags = [one.opts[0].strip("-") for one in options if one.name != "help"]
        if not flags:
            return ()
        example = next((flag for flag in flags if "-" in flag), flags[0])
        variable = f"{prefix}_{example.replace('-', '_').upper()}"
        return (f"{prefix}_<FLAG> sets a flag: {variable} is --{example}",)


def _number(found: re.Match[str]) -> str:
    return "a whole number" if found[1] == "int" else "a number"


def _panel(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return "Arguments"
    return parameter.rich_help_panel or _OTHERS


def _section(formatter: Any, title: str, rows: list[tuple[str, str]]) -> None:
    with formatter.section(title):
        formatter.write_dl(rows)

"""The Output flags: result files, exports, screen and log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boomtalk.engine.errors import UsageError
from boomtalk.engine.output.secret_names import NameRules

from . import parsers
from .group import FlagGroup, Panel

_PANEL = Panel("Output")
flag, switch = _PANEL.flag, _PANEL.switch
LOG_LEVELS = ("debug", "info", "warning", "error")


def json_flag() -> Any:
    return flag("--json", "FILE", "Write the report as JSON; - is stdout.")


def html_flag() -> Any:
    return flag("--html", "FILE", "Write the report as one HTML page.")


def junit_flag() -> Any:
    return flag("--junit", "FILE", "Write JUnit XML for CI.")


def markdown_flag() -> Any:
    return flag("--markdown", "FILE", "Write tables for a pull request.")


def quiet_flag() -> Any:
    return switch("--quiet -q", "Print neither table nor summary.")


def plain_flag() -> Any:
    return switch("--plain", "Print one line every 10 s instead of the live table.")


def no_color_flag() -> Any:
    return switch("--no-color", "Print without colours; NO_COLOR does the same.")


class ReportFlags(FlagGroup):
    """The files that a report of a load test is written to."""

    json: Path | None = json_flag()
    csv: Path | None = flag("--csv", "FILE", "Write one CSV row per step and transaction.")
    csv_seconds: Path | None = flag("--csv-seconds", "FILE", "Write one CSV row per second.")
    junit: Path | None = junit_flag()
    html: Path | None = html_flag()
    markdown: Path | None = markdown_flag()


class LoadOutputFlags(ReportFlags):
    """Where the results of a load test go."""

    out: Path | None = flag("--out", "DIR", "Run directory; default: results/TIME-CASE.")
    no_out: bool = switch("--no-out", "Write no run directory.")
    samples: Path | None = flag(
        "--samples", "FILE", "Write one JSON line per request; - is stdout."
    )
    id_header: str | None = flag(
        "--id-header",
        "NAME",
        "Send a unique id with each request, in this header.",
        parse=parsers.header,
    )
    web: str | None = flag(
        "--web",
        "[HOST:]PORT",
        "Show the page live while the load runs; 0 is any free port; default host: 127.0.0.1.",
        parse=parsers.address,
    )
    prometheus: str | None = flag(
        "--prometheus",
        "[HOST:]PORT",
        "Serve Prometheus metrics at /metrics during the load; default host: 127.0.0.1.",
        parse=parsers.address,
    )
    prometheus_gateway: str | None = flag(
        "--prometheus-gateway",
        "URL",
        "Push metrics with HttpRunner's names to this Pushgateway.",
        parse=parsers.gateway,
    )
    otlp: str | None = flag(
        "--otlp",
        "URL",
        "Send metrics to this OpenTelemetry collector (OTLP over HTTP), often on port 4318.",
        parse=parsers.gateway,
    )
    name: str | None = flag("--name", "TEXT", "Title of the run in its report.")
    tag: list[str] | None = flag(
        "--tag", "K=V", "Attach a tag to the report. Repeatable.", parse=parsers.pair
    )

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of the report."""
        return parsers.pairs(self.tag)


class CaseOutputFlags(FlagGroup):
    """Where the results of a functional run go."""

    verbose: bool = switch("--verbose -v", "Show every request and response.")
    json: Path | None = json_flag()
    html: Path | None = html_flag()
    junit: Path | None = junit_flag()
    save_tests: bool = switch("--save-tests -s", "HttpRunner: write a summary.", hidden=True)
    gen_html_report: bool = switch("--gen-html-report -g", "HttpRunner: a page.", hidden=True)


class ConsoleFlags(FlagGroup):
    """The screen and the log."""

    quiet: bool = quiet_flag()
    no_color: bool = no_color_flag()
    log_level: str = flag(
        "--log-level",
        "LEVEL",
        "Log from this level on: debug, info (prints of plugins), warning, error.",
        default="warning",
        parse=parsers.level(*LOG_LEVELS),
    )
    log_file: Path | None = flag("--log-file", "FILE", "Append the log to this file.")
    mask: list[str] | None = flag(
        "--mask", "NAME", "Mask what has this name (variable, header, field) too. Repeatable."
    )
    show: list[str] | None = flag(
        "--show", "NAME", "Show what has this name although it may be a secret. Repeatable."
    )

    @property
    def names(self) -> NameRules:
        """What is secret by its name; raises UsageError for a name that is given to both flags."""
        rules = NameRules.of(self.mask or (), self.show or ())
        if both := rules.masked & rules.shown:
            raise UsageError(f"{', '.join(sorted(both))}: given to --mask and to --show")
        return rules


class LiveConsoleFlags(ConsoleFlags):
    """The screen of a load test, and the log."""

    plain: bool = plain_flag()

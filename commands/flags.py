"""The flags that commands share: names, limits and help in one place."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from .profile import profile_flag
from .streams import address_flag, gateway_flag


def written(name: str) -> Callable[[str], Any]:
    """Return the parser of that name in `engine.load.parsing`, its errors told as bad usage."""

    def parse(text: str) -> Any:
        from boomtalk.engine.load import parsing as parsers

        try:
            return getattr(parsers, name)(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return parse


def threshold_flag(text: str) -> Any:
    from boomtalk.engine.measure.thresholds import parse_threshold

    try:
        return parse_threshold(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


duration_flag = written("parse_duration")


def choice_flag(*words: str) -> Callable[[str], str]:
    """Return a parser that takes one of these words."""

    def parse(text: str) -> str:
        if text not in words:
            raise typer.BadParameter(f"is {' or '.join(words)}, not {text!r}")
        return text

    return parse


def pair_flag(text: str) -> str:
    if "=" not in text:
        raise typer.BadParameter(f"write it as KEY=VALUE, not {text!r}")
    return text


def header_flag(text: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", text):
        raise typer.BadParameter(f"not the name of a header: {text!r}")
    return text


def base_url_flag(text: str) -> str:
    if text and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]", text):
        raise typer.BadParameter(f"not a URL: {text!r}; write http://{text.lstrip(':/')}")
    return text


def proxy_flag(text: str) -> str:
    scheme, mark, host = text.partition("://")
    if not mark:
        return f"http://{text}"
    if scheme != "http" or not host:
        raise typer.BadParameter(f"only http:// proxies can be used, not {text!r}")
    return text


def share_flag(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?%", text):
        raise typer.BadParameter(f"write it as 10%, not {text!r}")
    return float(text[:-1]) / 100


Paths = Annotated[
    list[str],
    typer.Argument(metavar="PATH", help="Case files, folders of them, or a URL to GET."),
]
Users = Annotated[
    int | None, typer.Option("--users", "-u", metavar="N", min=1, help="Users at work; default: 1.")
]
SpawnRate = Annotated[
    float | None,
    typer.Option(
        "--spawn-rate",
        "-r",
        metavar="N",
        help="Users started per second; default: all in the first.",
    ),
]
Duration = Annotated[
    float | None,
    typer.Option("--duration", "-d", parser=duration_flag, metavar="TIME", help="30s, 90, 1h30m."),
]
Stages = Annotated[
    list[Any] | None,
    typer.Option(
        "--stage",
        "-s",
        parser=written("parse_stage"),
        metavar="TIME:N",
        help="Go to N users, or with N/s to an arrival rate, in that time; repeatable.",
    ),
]
ArrivalRate = Annotated[
    float | None,
    typer.Option(
        "--arrival-rate",
        parser=written("parse_rate"),
        metavar="N/s",
        help="Open load: start iterations at this rate, whatever the ones before are doing.",
    ),
]
MaxUsers = Annotated[
    int | None,
    typer.Option(
        "--max-users", metavar="N", min=1, help="Open load: the most at once; default: 10 s worth."
    ),
]
MaxRps = Annotated[
    float | None,
    typer.Option("--max-rps", metavar="N", help="At most so many requests per second."),
]
MaxIps = Annotated[
    float | None,
    typer.Option("--max-ips", metavar="N", help="At most so many iterations per second."),
]
IncreaseRate = Annotated[
    Any,
    typer.Option(
        "--request-increase-rate",
        parser=written("parse_increase"),
        metavar="N/TIME",
        help="Let the request limit start at N and grow by N each time.",
    ),
]
Warmup = Annotated[
    float,
    typer.Option("--warmup", parser=duration_flag, metavar="TIME", help="Not in the results."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan and send nothing.")]
Profile = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        metavar="FILE",
        is_eager=True,
        callback=profile_flag,
        help="Flags from a YAML or JSON file (HttpRunner's keys work); given flags win.",
    ),
]
Iterations = Annotated[
    int | None,
    typer.Option("--iterations", "-i", metavar="N", min=1, help="Iterations over all users."),
]
Loops = Annotated[
    int | None, typer.Option("--loops", metavar="N", min=1, help="Iterations per user.")
]
Grace = Annotated[
    float,
    typer.Option(
        "--graceful-stop",
        parser=duration_flag,
        metavar="TIME",
        help="How long iterations under way may go on after the end.",
    ),
]
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", help="Repeat every random choice.")
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url", parser=base_url_flag, metavar="URL", help="Beats the cases' own base URL."
    ),
]
Env = Annotated[
    list[str] | None,
    typer.Option("--env", "-e", parser=pair_flag, metavar="K=V", help="Beats .env; repeatable."),
]
EnvFile = Annotated[
    Path | None, typer.Option("--env-file", metavar="FILE", help="Read instead of .env.")
]
Insecure = Annotated[bool, typer.Option("--insecure", "-k", help="Accept any TLS certificate.")]
CaCert = Annotated[
    Path | None, typer.Option("--cacert", metavar="FILE", help="Trust these authorities (PEM).")
]
Cert = Annotated[Path | None, typer.Option("--cert", metavar="FILE", help="Our certificate (PEM).")]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Its key, if apart.")]
Proxy = Annotated[
    str | None, typer.Option("--proxy", "-x", parser=proxy_flag, metavar="URL", help="HTTP proxy.")
]
UnixSocket = Annotated[
    Path | None,
    typer.Option(
        "--unix-socket", metavar="PATH", help="Connect to this socket, whatever the host."
    ),
]
Timeout = Annotated[
    float,
    typer.Option("--timeout", parser=duration_flag, metavar="TIME", help="Limit of a request."),
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
    int,
    typer.Option("--max-connections", metavar="N", min=0, help="Over all users; 0 is no limit."),
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
    typer.Option("--plugin-timeout", parser=duration_flag, metavar="TIME", help="Limit of a call."),
]
PluginStartTimeout = Annotated[
    float,
    typer.Option(
        "--plugin-start-timeout", parser=duration_flag, metavar="TIME", help="Limit of the import."
    ),
]
PluginThreads = Annotated[
    int,
    typer.Option(
        "--plugin-threads", metavar="N", min=1, help="Long calls at once in a plugin; 1 serialises."
    ),
]
PluginMemory = Annotated[
    int | None,
    typer.Option(
        "--plugin-memory",
        parser=written("parse_size"),
        metavar="SIZE",
        help="Replace a plugin process that uses more, between calls: 512m, 1g.",
    ),
]
OnPluginLoss = Annotated[
    str,
    typer.Option(
        "--on-plugin-loss",
        parser=choice_flag("stop", "continue"),
        metavar="stop|continue",
        help="When one is given up.",
    ),
]
OnDataEnd = Annotated[
    str,
    typer.Option(
        "--on-data-end",
        parser=choice_flag("stop", "recycle"),
        metavar="stop|recycle",
        help="When unique parameter rows are used up.",
    ),
]
Thresholds = Annotated[
    list[Any] | None,
    typer.Option(
        "--threshold",
        parser=threshold_flag,
        metavar="RULE",
        help="p(95)<300, p(99){login}<500, error_rate<1%, rate>=1000; repeatable.",
    ),
]
AbortOnThreshold = Annotated[
    bool, typer.Option("--abort-on-threshold", help="Stop as soon as an upper bound is broken.")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit 5 if the generator itself was saturated.")
]
FailOnError = Annotated[bool, typer.Option("--fail-on-error", help="Exit 1 if anything failed.")]
Baseline = Annotated[
    Path | None,
    typer.Option("--baseline", metavar="DIR", help="A run directory; exit 1 if this run is worse."),
]
FailIfWorse = Annotated[
    float | None,
    typer.Option(
        "--fail-if-worse",
        parser=share_flag,
        metavar="N%",
        help="Only if anything is worse by so much; default: by anything beyond noise.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Run directory; default: results/TIME-CASE."),
]
NoOut = Annotated[bool, typer.Option("--no-out", help="Write no run directory.")]
Csv = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="One row per step and transaction.")
]
Json = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the report here; - is stdout.")
]
Samples = Annotated[
    Path | None,
    typer.Option("--samples", metavar="FILE", help="Write a JSON line per request; - is stdout."),
]
IdHeader = Annotated[
    str | None,
    typer.Option(
        "--id-header", parser=header_flag, metavar="NAME", help="Send a unique id in this header."
    ),
]
Plain = Annotated[
    bool, typer.Option("--plain", help="One line per 10 s instead of the live table.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Neither table nor summary.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours (also: NO_COLOR).")]
LogLevel = Annotated[
    str,
    typer.Option(
        "--log-level", metavar="LEVEL", help="debug, info (what plugins print), warning, error."
    ),
]
LogFile = Annotated[
    Path | None, typer.Option("--log-file", metavar="FILE", help="Append the log to this file.")
]
KeepsGoing = Annotated[
    bool,
    typer.Option("--continue-on-failure", "-c", help="Go on with the next step after a failure."),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show requests and responses.")]
CaseTimeout = Annotated[
    float | None,
    typer.Option(
        "--case-timeout", parser=duration_flag, metavar="TIME", help="Limit of a row of a case."
    ),
]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write one page with everything.")
]
Markdown = Annotated[
    Path | None,
    typer.Option("--markdown", metavar="FILE", help="Write tables for a pull request."),
]
Junit = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML, for CI.")
]
SaveTests = Annotated[bool, typer.Option("--save-tests", "-s", hidden=True)]
GenHtml = Annotated[bool, typer.Option("--gen-html-report", "-g", hidden=True)]
Prometheus = Annotated[
    str | None,
    typer.Option(
        "--prometheus",
        parser=address_flag,
        metavar="[HOST:]PORT",
        help="Serve /metrics while the load runs; default host: 127.0.0.1.",
    ),
]
PrometheusGateway = Annotated[
    str | None,
    typer.Option(
        "--prometheus-gateway",
        parser=gateway_flag,
        metavar="URL",
        help="Push hrp's metrics to this Pushgateway.",
    ),
]
Shards = Annotated[
    int | None,
    typer.Option(
        "--shards", metavar="N", min=1, help="Share the load between N processes, on Ray."
    ),
]
Ray = Annotated[
    str | None,
    typer.Option("--ray", metavar="ADDRESS", help="On this Ray cluster; default: one of our own."),
]
OnShardLoss = Annotated[
    str,
    typer.Option(
        "--on-shard-loss",
        parser=choice_flag("stop", "continue"),
        metavar="stop|continue",
        help="When one is lost.",
    ),
]
Name = Annotated[
    str | None, typer.Option("--name", metavar="TEXT", help="Labels the run in its report.")
]
Tag = Annotated[
    list[str] | None, typer.Option("--tag", parser=pair_flag, metavar="K=V", help="Repeatable.")
]

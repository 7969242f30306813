"""Make the command line with which each tool does a piece of work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import peers


@dataclass(frozen=True, slots=True)
class Work:
    """One run: `users` in a closed loop for `seconds`, or an open load of `rate` per second.

    `folder` holds the case in the language of each tool, with the address of the server. Tools
    without scenarios request `url`.
    """

    url: str
    users: int
    seconds: int
    folder: Path
    rate: int | None = None


Command = list[str]
Tell = Callable[[str, Work], Command]


def _boomtalk(program: str, work: Work) -> Command:
    load = ["-u", f"{work.users}"]
    if work.rate is not None:
        load = ["--arrival-rate", f"{work.rate}/s", "--max-users", f"{work.users}"]
    target = ["-k", "-d", f"{work.seconds}s", "--no-out"]
    return [program, "-P", "-m", "boomtalk.cli", "boom", "case.yml", *load, *target]


def _boomtalk_plain(program: str, work: Work) -> Command:
    return [*_boomtalk(program, work), "--plain"]


def _boomtalk_shards(program: str, work: Work) -> Command:
    return [*_boomtalk_plain(program, work), "--shards", "2"]


def _hrp(program: str, work: Work) -> Command:
    users = str(work.users)
    load = ["--spawn-count", users, "--spawn-rate", users, "--run-time", str(work.seconds)]
    quiet = ["--disable-console-output", "--log-level", "ERROR", "--venv", peers.hrp_venv()]
    return [program, "boom", "case.yml", *load, *quiet]


def _k6(program: str, work: Work) -> Command:
    load = ["--vus", f"{work.users}", "--duration", f"{work.seconds}s"]
    if work.rate is not None:
        load = ["-e", f"RATE={work.rate}", "-e", f"SECONDS={work.seconds}"]
    return [program, "run", "--quiet", "--insecure-skip-tls-verify", *load, "script.js"]


def _locust(program: str, work: Work) -> Command:
    users, host = str(work.users), work.url.rpartition("/")[0]
    load = ["-u", users, "-r", users, "-t", f"{work.seconds}s", "--host", host]
    return [program, "-f", "locustfile.py", "--headless", "--only-summary", *load]


def _locust_processes(program: str, work: Work) -> Command:
    return [*_locust(program, work), "--processes", "2"]


def _hey(program: str, work: Work) -> Command:
    load = ["-c", f"{work.users}", "-z", f"{work.seconds}s"]
    if (work.folder / "body.json").exists():
        load += ["-m", "POST", "-T", "application/json", "-D", "body.json"]
    return [program, *load, work.url]


def _vegeta(program: str, work: Work) -> Command:
    (work.folder / "targets").write_text(f"GET {work.url}\n")
    users = str(work.users)
    load = ["-rate=0", f"-workers={users}", f"-max-workers={users}"]
    if work.rate is not None:
        load = [f"-rate={work.rate}", f"-max-workers={users}"]
    goal = ["-targets=targets", "-output=/dev/null", f"-duration={work.seconds}s", "-insecure"]
    return [program, "attack", *goal, *load]


def _oha(program: str, work: Work) -> Command:
    rate = [] if work.rate is None else ["-q", f"{work.rate}"]
    users = work.users if work.rate is None else 64
    load = ["-c", f"{users}", "-z", f"{work.seconds}s", *rate]
    return [program, "--no-tui", "--insecure", *load, work.url]


def _oha_http2(program: str, work: Work) -> Command:
    # As many connections, with one stream at a time on each.
    return [*_oha(program, work)[:-1], "--http2", "-p", "1", work.url]


def _wrk(program: str, work: Work) -> Command:
    return [program, "-t1", f"-c{work.users}", f"-d{work.seconds}s", work.url]


TOOLS: dict[str, Tell] = {
    "boomtalk": _boomtalk_plain,
    "boomtalk other Python": _boomtalk_plain,
    "boomtalk live": _boomtalk,
    "boomtalk 2 shards": _boomtalk_shards,
    "hrp": _hrp,
    "k6": _k6,
    "locust": _locust,
    "locust 2 processes": _locust_processes,
    "hey": _hey,
    "vegeta": _vegeta,
    "oha": _oha,
    "oha http2": _oha_http2,
    "wrk": _wrk,
}
# These tools do not check responses.
CHECK_NOTHING = frozenset({"hey", "vegeta", "oha", "oha http2", "wrk"})

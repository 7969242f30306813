"""Where the other tools are, and how each is told to do the same work.

`python perf/peers.py NAME...` installs into perf/.peers (or $PEERS). hrp is not installed
here: HRP_BIN names its binary. nginx and wrk come from the system.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CASES = HERE / "cases"
HOME = Path(os.environ.get("PEERS", HERE / ".peers")).absolute()

GO = {
    "k6": "go.k6.io/k6@v1.8.1",
    "hey": "github.com/rakyll/hey@latest",
    "vegeta": "github.com/tsenart/vegeta/v12@latest",
}


@dataclass(frozen=True)
class Work:
    """`users` in a closed loop over one GET of `url` for `seconds`; `folder` is for files."""

    url: str
    users: int
    seconds: int
    folder: Path


Command = list[str]


def find(name: str) -> str | None:
    """Return the program of a peer, or None where it is not installed."""
    if name == "boomtalk":
        return sys.executable
    if name == "hrp":
        return os.environ.get("HRP_BIN")
    for folder in (HOME / "bin", HOME / name / "bin"):
        if (folder / name).exists():
            return str(folder / name)
    return shutil.which(name)


def _case(work: Work) -> str:
    """Return the case with the address in it, for hrp has no flag for that."""
    case = work.folder / "get.yml"
    case.write_text((CASES / "get.yml").read_text().replace("http://127.0.0.1:8080", work.url))
    return str(case)


def _boomtalk(program: str, work: Work) -> Command:
    load = ["-u", str(work.users), "-d", f"{work.seconds}s", "--no-out", "--plain"]
    return [program, "-m", "boomtalk.cli", "boom", _case(work), *load]


def _hrp(program: str, work: Work) -> Command:
    users = str(work.users)
    load = ["--spawn-count", users, "--spawn-rate", users, "--run-time", str(work.seconds)]
    return [program, "boom", _case(work), *load, "--disable-console-output"]


def _k6(program: str, work: Work) -> Command:
    load = ["--vus", str(work.users), "--duration", f"{work.seconds}s", "-e", f"URL={work.url}/"]
    return [program, "run", "--quiet", "--no-usage-report", *load, str(CASES / "get.js")]


def _hey(program: str, work: Work) -> Command:
    return [program, "-c", str(work.users), "-z", f"{work.seconds}s", f"{work.url}/"]


def _vegeta(program: str, work: Work) -> Command:
    targets = work.folder / "targets"
    targets.write_text(f"GET {work.url}/\n")
    users = str(work.users)
    load = ["-rate=0", f"-workers={users}", f"-max-workers={users}", f"-duration={work.seconds}s"]
    return [program, "attack", f"-targets={targets}", "-output=/dev/null", *load]


def _oha(program: str, work: Work) -> Command:
    return [program, "--no-tui", "-c", str(work.users), "-z", f"{work.seconds}s", f"{work.url}/"]


def _wrk(program: str, work: Work) -> Command:
    return [program, "-t1", f"-c{work.users}", f"-d{work.seconds}s", f"{work.url}/"]


def _locust(program: str, work: Work) -> Command:
    users = str(work.users)
    load = ["-u", users, "-r", users, "-t", f"{work.seconds}s", "--host", work.url]
    return [program, "-f", str(CASES / "locustfile.py"), "--headless", "--only-summary", *load]


COMMANDS: dict[str, Callable[[str, Work], Command]] = {
    "boomtalk": _boomtalk,
    "hrp": _hrp,
    "k6": _k6,
    "hey": _hey,
    "vegeta": _vegeta,
    "oha": _oha,
    "wrk": _wrk,
    "locust": _locust,
}


def install(name: str) -> None:
    """Build or download one peer; raises CalledProcessError where that fails."""
    if name in GO:
        environment = {**os.environ, "GOBIN": str(HOME / "bin")}
        subprocess.run(["go", "install", GO[name]], check=True, env=environment)
    elif name == "oha":
        subprocess.run(["cargo", "install", "--locked", "--root", str(HOME), name], check=True)
    elif name in ("locust", "funppy"):
        subprocess.run([sys.executable, "-m", "venv", str(HOME / name)], check=True)
        subprocess.run([str(HOME / name / "bin" / "pip"), "install", "-q", name], check=True)
    else:
        raise SystemExit(f"{name} comes from the system (or HRP_BIN)")


if __name__ == "__main__":
    for peer in sys.argv[1:] or [*GO, "oha", "locust", "funppy"]:
        install(peer)

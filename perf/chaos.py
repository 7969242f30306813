"""Disturb the plugin of a load test at random, and check that no request is lost or repeated.

`chaos.py [--seconds 60] [--seed N] [--users 50] [--rate 500] [--drops]` runs the real program
against a server that logs every request id. Meanwhile the plugin process is killed, suspended,
made to print a flood of text, or to exceed its memory cap. At the end it prints one line. It
exits with 1 unless lost = phantom = double = mixed = orphans = 0 and the report balances.

- lost: the server saw the id, but it is not in the results; or the request never ended.
- phantom: the results call a request answered that the server never saw.
- double: the id is more than once in the server's log or in the results.
- mixed: a caller got the answer to another call.
- orphans: processes that outlived the run.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import signal
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

sys.path.append(str(Path(__file__).parents[1]))

from tests.support.accounting import check_accounting
from tests.support.bad_server import bad_server_process
from tests.support.boomtalk_cli import Running, read_report, started
from tests.support.processes import Auditor

# By default both signals are ignored, so they do no harm before the plugin installs its handlers.
FLOOD, HOARD = signal.SIGWINCH, signal.SIGURG
PLUGIN = """
import random, signal, sys, threading, time

hoard = []

def sign(text):
    number = random.random()
    if number < 0.002:
        time.sleep(3)
    elif number < 0.02:
        time.sleep(0.02)
    return text[::-1]

def flood():
    for _ in range(300):
        sys.stdout.write("x" * 50_000 + "\\n")

def on(number, act):
    signal.signal(number, lambda *_: threading.Thread(target=act, daemon=True).start())

on(signal.SIGWINCH, flood)
on(signal.SIGURG, lambda: hoard.append(b"x" * 300_000_000))
"""
CASE = """
config: {name: chaos}
teststeps:
  - name: signed
    variables: {text: "${gen_random_string(12)}", signature: "${sign($text)}"}
    request: {method: POST, url: /echo, json: {signature: $signature}}
    validate:
      - eq: [status_code, 200]
      - eq: ["${sign($signature)}", $text]
"""
DROP = "  - {name: dropped, request: {method: POST, url: /reset-before, data: x}}\n"

# At the 4th crash within 60 s a plugin is given up for good; one kill in 20 s stays below that.
KILL_EVERY = 20.5


class Tormentor:
    """Disturbs the plugin of a running program again and again."""

    def __init__(self, running: Running, chance: random.Random) -> None:
        self._running = running
        self._chance = chance
        self._kills: deque[float] = deque([-math.inf] * 3, maxlen=3)
        self.done: Counter[str] = Counter()

    def torment(self) -> None:
        """Disturb the plugin until the program has ended."""
        acts = (self.kill, self.suspend, self.flood, self.flood, self.hoard)
        while self._running.is_running():
            act = self._chance.choice(acts)
            for process in self._plugins():
                with suppress(psutil.NoSuchProcess):  # it was just replaced
                    act(process)
            time.sleep(self._chance.uniform(0.2, 2))

    def _plugins(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self._running.pid).children()
        except psutil.NoSuchProcess:
            return []

    def kill(self, process: psutil.Process) -> None:
        """Kill the process, at most three times a minute: the plugin is given up at the fourth."""
        if time.monotonic() - self._kills[0] > 3 * KILL_EVERY:
            self._kills.append(time.monotonic())
            self._do("kills", process, signal.SIGKILL)

    def suspend(self, process: psutil.Process) -> None:
        self._do("stops", process, signal.SIGSTOP)
        time.sleep(self._chance.choice([0.05, 0.5, 2.5]))
        process.send_signal(signal.SIGCONT)

    def flood(self, process: psutil.Process) -> None:
        self._do("floods", process, FLOOD)

    def hoard(self, process: psutil.Process) -> None:
        self._do("hoards", process, HOARD)

    def _do(self, name: str, process: psutil.Process, number: signal.Signals) -> None:
        process.send_signal(number)
        self.done[name] += 1


def compare(report: Mapping[str, Any], samples: Iterable[str], seen: Iterable[str]) -> Counter[str]:
    """Compare ids, and return how many requests are lost, phantom, double and mixed."""
    told = [json.loads(line) for line in samples]
    at_server, ids = Counter(seen), Counter(sample["id"] for sample in told)
    answered = {sample["id"] for sample in told if sample["status"] is not None}
    never_ended = report["accounting"]["issued"] - len(ids)
    mixed = (error["count"] for error in report["errors"] if error["kind"] == "check")
    return Counter(
        lost=len(at_server.keys() - ids.keys()) + max(0, never_ended),
        phantom=len(answered - at_server.keys()) + max(0, -never_ended),
        double=sum(number > 1 for number in [*at_server.values(), *ids.values()]),
        mixed=sum(mixed),
    )


def chaos(options: argparse.Namespace, folder: Path) -> bool:
    """Run the program, print the line, and return whether everything is right."""
    (folder / "debugtalk.py").write_text(PLUGIN)
    (folder / "case.yml").write_text(CASE + (DROP if options.drops else ""))
    report_path, samples, log = folder / "report.json", folder / "samples", folder / "log"
    auditor = Auditor()
    arguments = [
        *["boom", folder / "case.yml", "--json", report_path, "--samples", samples, "--no-out"],
        *["--id-header", "X-Request-Id", "-u", f"{options.users}", "-d", f"{options.seconds}"],
        *["--max-rps", f"{options.rate}", "--graceful-stop", "5s", "--log-file", log],
        *["--log-level", "info", "--on-plugin-loss", "continue", "--plugin-timeout", "2s"],
        *["--plugin-memory", "250m", "--plain"],
    ]
    with bad_server_process() as server:
        target = ["--base-url", server.url]
        with started([*arguments, *target], env=auditor.environment) as running:
            tormentor = Tormentor(running, random.Random(options.seed))
            tormentor.torment()
            ended = running.wait()
        orphans = len(auditor.running())
        if ended.code != 0:
            print(ended, file=sys.stderr)
        report = read_report(report_path)
        heads = server.log()
        check_accounting(report, len(heads), cut=True)
    found = compare(report, samples.read_text().splitlines(), (head["id"] for head in heads))
    found["orphans"] = orphans
    print(line(report, found, tormentor.done, options.seed))
    return ended.code == 0 and not any(found.values())


def line(
    report: Mapping[str, Any], found: Mapping[str, int], done: Mapping[str, int], seed: int
) -> str:
    counts, (plugin,) = report["accounting"], report["plugins"]
    names = ("issued", "ok", "failed", "cancelled", "not_issued")
    words = [f"{name} {counts[name]}" for name in names]
    words += [f"{name} {found[name]}" for name in ("lost", "phantom", "double", "mixed")]
    words += [f"restarts {plugin['restarts']}", f"orphans {found['orphans']}"]
    words += [f"max lag {report['health']['lag_ms']['max']:.0f} ms"]
    told = ", ".join(f"{number} {name}" for name, number in sorted(done.items()))
    calls = ("calls", "ok", "errors", "timeouts", "crashed", "cancelled", "unavailable")
    accounts = ", ".join(f"{name} {plugin[name]}" for name in calls)
    return f"{', '.join(words)} | seed {seed}: {told} | plugin {accounts}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--rate", type=int, default=500, help="requests per second at most")
    parser.add_argument("--drops", action="store_true", help="the server resets connections too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if chaos(options, Path(folder)) else 1)


if __name__ == "__main__":
    main()

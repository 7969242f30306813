"""End load tests at random moments, with broken outputs, and check that nothing is lost.

`chaos_ends.py [--seconds 60] [--seed N] [--users 50]` runs the real program again and again. Each
round takes an output (closed, full, unread, a file), a moment and signals at random. At the end
it prints one line, and exits with 1 unless lost = phantom = double = mixed = orphans =
tracebacks = 0, every report balances and every round ends in time.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from perf.chaos import CASE, PLUGIN, compare
from tests.support.accounting import check_accounting
from tests.support.bad_server import BadServerProcess, bad_server_process
from tests.support.boomtalk_cli import COMMAND, read_report
from tests.support.processes import Auditor

UNREAD = ""
OUTPUTS = (">&-", "2>&-", ">&- 2>&-", ">/dev/full", "2>/dev/full", ">err", UNREAD)
SIGNALS = {
    "none": (),
    "int": (signal.SIGINT,),
    "int int": (signal.SIGINT, signal.SIGINT),
    "term": (signal.SIGTERM,),
    "hup": (signal.SIGHUP,),
    "term int": (signal.SIGTERM, signal.SIGINT),
}
# Of a run that a signal ended: as it says itself, or by the signal before it could take it.
CODES = (0, 130, 143, 128 + signal.SIGHUP)
PATIENCE = 60.0


class Round:
    """One load test in a folder of its own."""

    def __init__(self, folder: Path, server: BadServerProcess, chance: random.Random) -> None:
        self.folder = folder
        self.output = chance.choice(OUTPUTS)
        self.signals = chance.choice([*SIGNALS])
        self.found: Counter[str] = Counter()
        self._server = server
        self._chance = chance
        self._auditor = Auditor()

    def run(self, users: int) -> None:
        """Run the program, end it, and compare its results with the log of the server."""
        (self.folder / "debugtalk.py").write_text(PLUGIN)
        (self.folder / "case.yml").write_text(CASE)
        self._server.reset()
        with self._program(users) as process:
            self._disturb(process)
            self._wait(process)
            code = process.returncode
        self.found["late"] = int(code == -signal.SIGKILL)
        self.found["wrong codes"] = int((code if code >= 0 else 128 - code) not in CODES)
        self.found["orphans"] = self._orphans()
        self._compare()

    @contextmanager
    def _program(self, users: int) -> Iterator[subprocess.Popen[bytes]]:
        words = [
            *["boom", "case.yml", "--json", "report.json", "--samples", "samples", "--no-out"],
            *["--id-header", "X-Request-Id", "-u", f"{users}", "-d", "3s", "--log-level", "info"],
            *["--graceful-stop", self._chance.choice(["0", "0.3s", "5s"])],
            *["--max-rps", "500", "--base-url", self._server.url, "--plugin-memory", "250m"],
        ]
        command = ["bash", "-c", f'exec "$@" {self.output}', "bash", *COMMAND, *words]
        read_end, write_end = os.pipe()
        if self.output != UNREAD:
            os.close(write_end)
            write_end = os.open(self.folder / "err", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        environment = {**os.environ, **self._auditor.environment}
        process = subprocess.Popen(
            command, stdout=write_end, stderr=write_end, cwd=self.folder, env=environment
        )
        os.close(write_end)
        try:
            yield process
        finally:
            os.close(read_end)

    def _disturb(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(self._chance.uniform(0, 5))
        for number in SIGNALS[self.signals]:
            process.send_signal(number)
            time.sleep(self._chance.choice([0, 0.01, 0.1, 0.5]))

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the end; what waits for a reader after its report gets a Ctrl-C."""
        end = time.monotonic() + PATIENCE
        while process.poll() is None:
            if time.monotonic() > end:
                process.kill()
            elif self.output == UNREAD and (self.folder / "report.json").exists():
                process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5)

    def _orphans(self) -> int:
        end = time.monotonic() + 10
        while (left := self._auditor.running()) and time.monotonic() < end:
            time.sleep(0.1)
        return len(left)

    def _compare(self) -> None:
        text = (self.folder / "err").read_text() if (self.folder / "err").exists() else ""
        self.found["tracebacks"] = text.count("Traceback")
        heads, path = self._server.log(), self.folder / "report.json"
        if not path.exists():
            # It was ended during its start, before anything was sent.
            self.found["lost"] = len(heads)
            return
        samples = (self.folder / "samples").read_text().splitlines()
        report = read_report(path)
        self.found += compare(report, samples, (head["id"] for head in heads))
        self.found["requests"] += report["accounting"]["issued"]
        try:
            check_accounting(report, len(heads), cut=True)
        except AssertionError as error:
            print(error, file=sys.stderr)
            self.found["unbalanced"] += 1


def chaos(options: argparse.Namespace) -> bool:
    """Run rounds until the time is over, print the line, and return whether all is right."""
    chance, total, rounds = random.Random(options.seed), Counter[str](), Counter[str]()
    end = time.monotonic() + options.seconds
    with bad_server_process() as server:
        while time.monotonic() < end:
            with tempfile.TemporaryDirectory() as folder:
                one = Round(Path(folder), server, chance)
                one.run(options.users)
                faults = {name: n for name, n in one.found.items() if n and name != "requests"}
                if faults:
                    print(f"output {one.output!r}, signals {one.signals}: {faults}", flush=True)
            total.update(one.found)
            rounds[one.signals] += 1
    names = ("lost", "phantom", "double", "mixed", "orphans", "tracebacks", "late", "unbalanced")
    told = ", ".join(f"{name} {total[name]}" for name in (*names, "wrong codes"))
    kinds = ", ".join(f"{number} {name}" for name, number in sorted(rounds.items()))
    print(f"{rounds.total()} rounds ({kinds}), requests {total['requests']}: {told}")
    return not any(number for name, number in total.items() if name != "requests")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--users", type=int, default=50)
    sys.exit(0 if chaos(parser.parse_args()) else 1)


if __name__ == "__main__":
    main()

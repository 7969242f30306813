"""Run a load whose true latencies are known, and compare them with what the report says."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from ..bench import pinning
from .disturbances import Disturbance

_TARGET = Path(__file__).with_name("target.py")
# A verdict is right on both sides of its limit, a half, if the truth is as near to it as this, or
# if it is on both sides within these percentiles: a few slow requests more move a 99th so far.
_NEAR = 0.15
_AROUND = (98.5, 99, 99.5)


@dataclass(frozen=True, slots=True)
class Service:
    """A target that takes `milliseconds`, and the users that visit it."""

    milliseconds: float
    users: int


SERVICES = (Service(0.1, 1), Service(10, 10), Service(200, 100))


@dataclass(frozen=True, slots=True)
class Calibrated:
    """One run. Times are in ms at the 99th percentile: of the latency that was measured, of the
    true one, of what the generator really added, and of what the report says about that. `shares`
    are what was added by what was measured, at percentiles around the 99th.
    """

    disturbance: str
    milliseconds: float
    requests: int
    measured: float
    true: float
    added: float
    told: float
    trusted: bool
    shares: tuple[float, ...]

    @property
    def own_share(self) -> float:
        return self.added / self.measured

    @property
    def is_near(self) -> bool:
        return min(self.shares) - _NEAR <= 0.5 <= max(self.shares) + _NEAR

    @property
    def is_right(self) -> bool:
        """Whether the verdict is the one that the truth demands."""
        return self.is_near or self.trusted == (self.own_share <= 0.5)


def calibrate(disturbance: Disturbance, service: Service, seconds: float) -> Calibrated:
    """Run the load once; the generator has a core to itself, apart from the disturbance."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _target(service) as target:
            assert target.stdout is not None
            command = _command(int(target.stdout.readline()), service, seconds, folder)
            with subprocess.Popen(command) as generator:
                target.stdout.readline()
                # Its start and its report are not disturbed: they would take minutes.
                with disturbance.around(generator.pid):
                    time.sleep(seconds - 0.3)
            truth = json.loads(target.communicate()[0])
        report = json.loads((folder / "report.json").read_text())
        lines = (folder / "samples.jsonl").read_text().splitlines()
    samples = [one for one in map(json.loads, lines) if one["kind"] == "ok" and one["id"] in truth]
    return _judged(disturbance, service, samples, truth, report["health"])


def _judged(
    disturbance: Disturbance,
    service: Service,
    samples: Sequence[Mapping[str, Any]],
    truth: Mapping[str, float],
    health: Mapping[str, Any],
) -> Calibrated:
    latencies = [one["latency_ms"] for one in samples]
    true = [1000 * truth[one["id"]] for one in samples]
    added = [latency - took for latency, took in zip(latencies, true, strict=True)]
    return Calibrated(
        disturbance=disturbance.name,
        milliseconds=service.milliseconds,
        requests=len(samples),
        measured=_tail(latencies),
        true=_tail(true),
        added=_tail(added),
        told=health["latency_error_ms"] or 0.0,
        trusted=health["trusted"],
        shares=tuple(_tail(added, percent) / _tail(latencies, percent) for percent in _AROUND),
    )


def _command(port: int, service: Service, seconds: float, folder: Path) -> list[str]:
    return pinning.pinned(
        pinning.CLIENT,
        [
            *(sys.executable, "-m", "boomtalk.cli", "boom", f"http://127.0.0.1:{port}/"),
            *("-u", str(service.users), "-d", f"{seconds}s", "--no-out", "-q"),
            *("--samples", str(folder / "samples.jsonl"), "--id-header", "x-id"),
            *("--json", str(folder / "report.json")),
        ],
    )


@contextmanager
def _target(service: Service) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(_TARGET), str(service.milliseconds)]
    with subprocess.Popen(
        pinning.pinned(pinning.SERVER, command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _tail(values: Sequence[float], percent: float = 99) -> float:
    return sorted(values)[ceil(len(values) * percent / 100) - 1]

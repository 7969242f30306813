"""The Load flags: users, rates and the end of a load test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from boomtalk.engine.load.parsing import shape_of
from boomtalk.engine.load.shape import Load

from . import parsers
from .group import FlagGroup, Panel
from .profile import profile_flag

_PANEL = Panel("Load")
flag, switch = _PANEL.flag, _PANEL.switch


def max_users_flag() -> Any:
    return flag(
        "--max-users", "N", "Most users at once in an open load; default: 10 s of arrivals.", min=1
    )


def seed_flag() -> Any:
    return flag("--seed", "N", "Make random choices repeatable: the same seed, the same choices.")


def on_data_end_flag() -> Any:
    return flag(
        "--on-data-end",
        "stop|recycle",
        "What to do when unique parameter rows are used up: end the load, or start them again.",
        default="stop",
        parse=parsers.choice("stop", "recycle"),
    )


class LoadFlags(FlagGroup):
    """The shape of a load and its end."""

    users: int | None = flag("--users -u", "N", "Number of concurrent users; default: 1.", min=1)
    spawn_rate: float | None = flag(
        "--spawn-rate -r",
        "N",
        "Users started per second; default: all in the first second.",
        parse=parsers.number,
    )
    stage: list[Any] | None = flag(
        "--stage -s",
        "TIME:N",
        "Ramp to N users (N/s: to an arrival rate) within TIME. Repeatable.",
        parse=parsers.stage,
    )
    arrival_rate: float | None = flag(
        "--arrival-rate",
        "N/s",
        "Open load: start iterations at this rate, however long earlier ones take.",
        parse=parsers.rate,
    )
    max_users: int | None = max_users_flag()
    max_rps: float | None = flag(
        "--max-rps", "N", "Send at most N requests per second.", parse=parsers.number
    )
    max_ips: float | None = flag(
        "--max-ips", "N", "Start at most N iterations per second.", parse=parsers.number
    )
    request_increase_rate: Any = flag(
        "--request-increase-rate",
        "N/TIME",
        "Start the limit of --max-rps at N and raise it by N each TIME (1s if it is left out).",
        default="-1",
        show_default=False,
        parse=parsers.increase,
    )
    profile: Path | None = flag(
        "--profile",
        "FILE",
        "Read flags from a YAML or JSON file (HttpRunner's keys work); flags given here win.",
        is_eager=True,
        callback=profile_flag,
    )
    warmup: float = flag(
        "--warmup", "TIME", "Run this long before measuring.", default="0", parse=parsers.duration
    )
    duration: float | None = flag(
        "--duration -d", "TIME", "End after this time: 30s, 90, 1h30m.", parse=parsers.duration
    )
    iterations: int | None = flag(
        "--iterations -i", "N", "End after N iterations over all users.", min=1
    )
    loops: int | None = flag("--loops", "N", "End after N iterations of each user.", min=1)
    graceful_stop: float = flag(
        "--graceful-stop",
        "TIME",
        "Time for running iterations to finish after the end of the load.",
        default="30s",
        parse=parsers.duration,
    )
    seed: int | None = seed_flag()
    on_data_end: str = on_data_end_flag()
    dry_run: bool = switch("--dry-run", "Print the plan and send nothing.")

    @property
    def load(self) -> Load:
        """The load these flags describe; raises UsageError for flags that do not go together."""
        shape = shape_of(
            self.users, self.spawn_rate, self.stage or (), self.arrival_rate, self.max_users
        )
        return Load(
            shape,
            duration=self.duration,
            iterations=self.iterations,
            loops=self.loops,
            graceful_stop=self.graceful_stop,
            warmup=self.warmup,
            max_requests=self.max_rps,
            max_iterations=self.max_ips,
            increase=self.request_increase_rate,
            seed=self.seed,
        )

    @property
    def recycle_rows(self) -> bool:
        return self.on_data_end == "recycle"

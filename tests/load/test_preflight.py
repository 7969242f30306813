"""Test that limits of the machine are reported before the first request."""

from __future__ import annotations

from pathlib import Path

import pytest
from boomtalk.engine import ArrivalRate, HttpOptions, Load, Ramp
from boomtalk.engine.errors import UsageError
from boomtalk.engine.load.machine import Machine, cgroup_memory
from boomtalk.engine.load.preflight import check, needs_of
from boomtalk.engine.load.shape import Stage
from msgspec.structs import replace

from tests.support.boomtalk_cli import run_cli
from tests.support.load_runs import GET, Boom
from tests.support.timed_server import TimedServer

ROOMY = Machine(files=1000, most_files=100_000, ports=28_000, memory=1 << 34, free_memory=1 << 33)
CLOSING = HttpOptions(keepalive=False)
MINUTE = Load(ArrivalRate(500, 100), duration=60)


def warnings(load: Load, http: HttpOptions = CLOSING, machine: Machine = ROOMY) -> str:
    return "\n".join(check(needs_of(load, http), machine))


def test_a_load_that_fits_is_not_talked_about() -> None:
    assert warnings(Load(Ramp(1000)), HttpOptions()) == ""


def test_connections_closed_faster_than_ports_come_free_are_warned_of() -> None:
    told = warnings(MINUTE)
    assert "500 connections closed per second" in told
    assert "above 467 per second" in told
    assert "keep connections alive" in told


@pytest.mark.parametrize(
    ("load", "http", "machine"),
    [
        (MINUTE, HttpOptions(), ROOMY),
        (MINUTE, replace(CLOSING, unix_socket=Path("/s")), ROOMY),
        (replace(MINUTE, duration=20), CLOSING, ROOMY),
        (replace(MINUTE, max_requests=400), CLOSING, ROOMY),
        (Load(ArrivalRate(400, 100)), CLOSING, ROOMY),
        (Load(Ramp(100)), CLOSING, ROOMY),
        (MINUTE, CLOSING, replace(ROOMY, port_seconds=1)),
        (MINUTE, CLOSING, replace(ROOMY, ports=None)),
    ],
    ids=["kept", "no port", "short", "limited", "slow", "unknown", "reused", "unknown range"],
)
def test_connections_that_leave_ports_enough_are_not(
    load: Load, http: HttpOptions, machine: Machine
) -> None:
    assert warnings(load, http, machine) == ""


def test_the_peak_of_the_stages_is_what_counts_for_ports() -> None:
    stages = (Stage(60, 1000), Stage(60, 0))
    assert "1000 connections closed" in warnings(Load(ArrivalRate(0, 100, stages)))


def test_more_users_than_ports_are_warned_of_as_far_as_they_connect() -> None:
    few = replace(ROOMY, ports=100)
    assert "101 connections at once, but only 100 ports" in warnings(
        Load(Ramp(101)), HttpOptions(), few
    )
    assert warnings(Load(Ramp(100)), HttpOptions(), few) == ""
    assert warnings(Load(Ramp(101)), HttpOptions(max_connections=100), few) == ""
    assert warnings(Load(Ramp(101)), HttpOptions(unix_socket=Path("/s")), few) == ""


def test_files_are_refused_where_there_is_none_per_connection_and_warned_of_before() -> None:
    few = replace(ROOMY, most_files=364)
    with pytest.raises(UsageError, match="301 users need 365 open files, the hard limit is 364"):
        warnings(Load(Ramp(301)), machine=few)
    assert "only 364 files may be open" in warnings(Load(Ramp(300)), machine=few)
    assert warnings(Load(Ramp(150)), machine=few) == ""
    assert warnings(Load(Ramp(9000)), HttpOptions(max_connections=150), few) == ""


def test_memory_is_refused_where_it_is_not_there_and_warned_of_where_it_is_not_free() -> None:
    small = replace(ROOMY, memory=200_000_000, free_memory=100_000_000)
    with pytest.raises(UsageError, match="10000 users need at least 210 MB") as refused:
        warnings(Load(Ramp(10_000)), machine=small)
    assert "memory" in refused.value.hint
    assert "only 100 MB are free" in warnings(Load(Ramp(5000)), machine=small)
    assert warnings(Load(Ramp(1000)), machine=small) == ""


@pytest.mark.parametrize(
    ("groups", "files", "found"),
    [
        ("0::/a/b", {"a/b/memory.max": "100", "a/b/memory.current": "30"}, (100, 30)),
        (
            "0::/a",
            {
                "a/memory.max": "100",
                "a/memory.current": "90",
                "a/memory.stat": "anon 30\ninactive_file 60\nactive_file 5",
            },
            (100, 30),
        ),
        ("0::/a/b", {"a/memory.max": "50", "a/memory.current": "40"}, (50, 40)),
        ("0::/a", {"a/memory.max": "max", "a/memory.current": "40"}, None),
        ("0::/of/the/host", {"memory.max": "70", "memory.current": "7"}, (70, 7)),
        (
            "7:pids:/x\n4:memory:/x",
            {"memory/x/memory.limit_in_bytes": "90", "memory/x/memory.usage_in_bytes": "9"},
            (90, 9),
        ),
        (
            "0::/a/b",
            {
                "a/b/memory.max": "100",
                "a/b/memory.current": "30",
                "a/memory.max": "60",
                "a/memory.current": "35",
            },
            (60, 35),
        ),
        ("", {}, None),
    ],
)
def test_the_tightest_memory_group_is_the_limit(
    groups: str, files: dict[str, str], found: tuple[int, int] | None, tmp_path: Path
) -> None:
    (tmp_path / "groups").write_text(groups + "\n" if groups else "")
    for name, text in files.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    assert cgroup_memory(tmp_path / "groups", tmp_path / "root") == found


def test_a_machine_without_memory_groups_has_no_such_limit(tmp_path: Path) -> None:
    assert cgroup_memory(tmp_path / "none", tmp_path) is None


def test_a_load_beyond_the_memory_of_this_machine_is_refused_with_exit_2(
    boom: Boom, timed: TimedServer
) -> None:
    boom.case.write_text(GET.format(url="/"))
    flags = ("-u", "1000000000", "--max-connections", "4", "-d", "1s", "--no-out")
    ended = run_cli("boom", boom.case, "--base-url", timed.url, *flags)
    assert ended.code == 2, ended
    assert "1000000000 users need at least 15000060 MB" in ended.err
    assert timed.log() == []


ROWS = """
config:
  name: rows
  parameters:
    user-pass: [[a, 1], [b, 2], [c, 3]]
    city: [x, y]
  parameters_setting:
    strategies:
      user-pass: {name: users, pick_order: unique}
      city: {name: cities, pick_order: random}
teststeps: [{name: ask, request: {method: GET, url: "/$user"}}]
"""


def test_a_dry_run_tells_what_is_needed_and_what_is_there(boom: Boom, timed: TimedServer) -> None:
    boom.case.write_text(ROWS)
    flags = ("--arrival-rate", "1000/s", "--max-users", "10", "-d", "1m", "--no-keepalive")
    ended = run_cli("boom", boom.case, "--base-url", timed.url, *flags, "--dry-run")
    assert ended.code == 0, ended
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    told = "\n".join(lines)
    assert "at most 10 users at once need" in lines
    assert "open files 74 limit: " in told
    assert "ports 10 limit: " in told
    assert "new ports 1000/s limit: " in told
    assert "memory 60 MB (TLS: 61 MB) free: " in told
    assert "1000 connections closed per second" in ended.err
    assert timed.log() == []


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("-i", "3"), "3, unique, at most 3 needed"),
        (("-i", "4"), "3, unique, at most 4 needed: the load ends early"),
        (("--loops", "2", "-u", "2"), "3, unique, at most 4 needed: the load ends early"),
        (("--arrival-rate", "2/s", "-d", "1s"), "3, unique, at most 2 needed"),
        (("-d", "1s"), "3, unique"),
        (("-i", "4", "--on-data-end", "recycle"), "3, unique"),
    ],
)
def test_a_dry_run_sets_unique_rows_against_iterations(
    flags: tuple[str, ...], told: str, boom: Boom, timed: TimedServer
) -> None:
    boom.case.write_text(ROWS)
    ended = run_cli("boom", boom.case, "--base-url", timed.url, *flags, "--dry-run")
    assert ended.code == 0, ended
    lines = ended.out.splitlines()
    assert f"data rows of user-pass (rows): {told}" in lines
    assert "data rows of city (rows): 2, random" in lines

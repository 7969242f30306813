"""Test network faults before a good server: each has one failure kind, or shows as time."""

from __future__ import annotations

from pathlib import Path

from tests.support.accounting import check_accounting
from tests.support.bad_server import BadServerProcess
from tests.support.load_runs import Boom

from . import toxic_proxy
from .test_faults import each, ending

TIMEOUT = 2.5
PATHS = {
    "latency": "/ok",
    "bandwidth": "/ok",
    "slicer": "/ok",
    "slow_close": "/until-close",
    "cut_in_head": "/ok",
    "cut_in_body": "/ok",
    "reset_peer": "/ok",
    "silence": "/ok",
}


def test_each_fault_of_the_way_is_a_kind_or_time(
    bad_server: BadServerProcess, tmp_path: Path
) -> None:
    toxics = {name: getattr(toxic_proxy, name) for name in PATHS}
    with toxic_proxy.toxic_proxies(toxics, bad_server.url) as urls:
        boom = Boom(tmp_path, bad_server.url)
        case = each([urls[name] + path for name, path in PATHS.items()], TIMEOUT)
        results = boom(case, "-i", str(len(PATHS)))
    # Whatever the fault is, every request is sent, and none is sent again.
    check_accounting(results.report, server_requests=len(bad_server.log()))
    found = dict(zip(PATHS, results.samples, strict=True))
    assert {name: ending(sample) for name, sample in found.items()} == {
        "latency": ("ok", ""),
        "bandwidth": ("ok", ""),
        "slicer": ("ok", ""),
        "slow_close": ("ok", ""),
        "cut_in_head": ("disconnected", "closed"),
        "cut_in_body": ("truncated", ""),
        "reset_peer": ("disconnected", "reset"),
        "silence": ("timeout", "total"),
    }
    slower = {"latency": 200, "bandwidth": 200, "slow_close": 300, "silence": 1000 * TIMEOUT - 100}
    for name, least in slower.items():
        assert found[name]["latency_ms"] >= least, name
        assert found[name]["connect_ms"] < found[name]["latency_ms"], name

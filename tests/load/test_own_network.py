"""Test faults that need a separate network: ports used up, a slow resolver, a missing address."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.support.accounting import check_accounting

from .own_network import LOOKUP_SECONDS, PORTS, in_own_network

pytestmark = pytest.mark.extra


def test_ports_used_up_are_the_generators_fault_and_told_once(tmp_path: Path) -> None:
    found = in_own_network("few-ports", tmp_path)
    report = found["report"]
    check_accounting(report, server_requests=len(found["seen"]))
    assert found["code"] == 0
    assert {(one["kind"], one["detail"]) for one in report["errors"]} == {("port_limit", "")}
    assert report["wire"]["connections_opened"] == PORTS
    assert report["accounting"]["ok"] >= PORTS
    assert report["health"]["limited_by"] == "ports"
    assert report["health"]["trusted"] is False
    assert found["err"].count(f"only {PORTS} ports to one address") == 1
    assert found["err"].count("no port is left for a connection") == 1


def test_a_slow_lookup_counts_as_connecting_and_is_made_once_for_all_users(tmp_path: Path) -> None:
    found = in_own_network("slow-dns", tmp_path)
    report = found["report"]
    check_accounting(report, server_requests=len(found["seen"]))
    assert report["accounting"]["ok"] == 30
    assert max(Counter(found["lookups"]).values()) == 1
    first = [one for one in found["samples"] if one["connect_ms"] is not None]
    assert len(first) == 10
    # Users that start during the lookup share it.
    assert max(one["connect_ms"] for one in first) >= 1000 * LOOKUP_SECONDS
    assert all(one["latency_ms"] < 1000 * LOOKUP_SECONDS for one in found["samples"])


def test_an_address_that_this_machine_cannot_reach_is_no_lack_of_ports(tmp_path: Path) -> None:
    found = in_own_network("no-ipv6", tmp_path)
    kinds = {(one["kind"], one["detail"]) for one in found["report"]["errors"]}
    assert kinds == {("connect", "unreachable")}
    assert found["report"]["wire"]["requests"] == 0

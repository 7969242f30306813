"""Test a target that goes away during a run and comes back: users go on without a busy loop."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.support.accounting import check_accounting
from tests.support.load_runs import GET, Boom
from tests.support.timed_server import timed_server
from tests.support.waiting import wait_until

USERS = 5


def test_users_go_on_when_their_target_returns_and_do_not_spin_meanwhile(tmp_path: Path) -> None:
    with timed_server() as first:
        port = int(first.url.rpartition(":")[2])
        boom = Boom(tmp_path, first.url)
        with boom.running(GET.format(url="/ms/5"), "-u", str(USERS)) as program:
            wait_until(lambda: first.stats()["requests"] > 50, "requests before the outage")
            before = first.log()
            os.kill(first.pid, signal.SIGKILL)
            gone_at = time.monotonic()
            wait_until(lambda: time.monotonic() > gone_at + 1, "a second without the target")
            with timed_server(port) as second:
                back_at = time.monotonic()
                wait_until(lambda: second.stats()["requests"] > 50, "requests after the outage")
                program.send(signal.SIGINT)
                results = boom.results(program.wait())
                after = second.log()
    check_accounting(results.report)
    seen = [entry["id"] for entry in (*before, *after)]
    assert len(set(seen)) == len(seen)
    assert set(seen) <= {sample["id"] for sample in results.samples}
    kinds = {kind for kind, _ in results.errors()}
    assert {"connect"} <= kinds <= {"connect", "disconnected"}
    refused = [sample for sample in results.samples if sample["kind"] == "connect"]
    assert all(sample["connect_ms"] > 0 for sample in refused)
    # Each user tries at most a hundred times a second.
    assert len(refused) <= USERS * 100 * (back_at - gone_at + 0.5)

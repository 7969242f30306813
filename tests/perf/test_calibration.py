"""Test the calibration of the verdict on the generator, and that the docs have its table."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from perf.calibration.disturbances import DISTURBANCES, Disturbance
from perf.calibration.runs import SERVICES, Calibrated, Service, calibrate
from perf.calibration.table import PAGE, key_of, table, verdict_of, verdicts_in, write

ROOT = Path(__file__).parents[2]
ONE = Calibrated(
    disturbance="none",
    milliseconds=0.1,
    requests=1000,
    measured=0.4,
    true=0.3,
    added=0.1,
    told=0.12,
    trusted=True,
    shares=(0.25,),
)


@pytest.mark.parametrize(
    ("added", "trusted", "right", "verdict"),
    [
        (0.1, True, True, "trusted"),
        (0.1, False, False, "not trusted"),
        (0.15, False, True, "not trusted, near the limit"),
        (0.25, True, True, "trusted, near the limit"),
        (0.3, True, False, "trusted"),
        (0.3, False, True, "not trusted"),
    ],
)
def test_a_verdict_is_right_if_the_truth_demands_it(
    added: float, trusted: bool, right: bool, verdict: str
) -> None:
    one = replace(ONE, added=added, trusted=trusted, shares=(added / ONE.measured,))
    assert (one.is_right, verdict_of(one)) == (right, verdict)


def test_either_verdict_is_right_if_a_few_requests_more_would_turn_the_truth() -> None:
    one = replace(ONE, shares=(0.1, 0.1, 0.9))
    assert one.is_right
    assert replace(one, trusted=False).is_right


def test_the_table_of_a_page_is_replaced_and_read_again(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{table([ONE])}\n\nafter\n")
    new = [replace(ONE, trusted=False), replace(ONE, milliseconds=200.0)]
    write(new, page)
    assert page.read_text() == f"before\n\n{table(new)}\n\nafter\n"
    assert verdicts_in(page.read_text()) == {
        ("none", "0.1 ms"): "not trusted",
        ("none", "200 ms"): "trusted",
    }


def test_the_docs_have_a_verdict_for_each_disturbance_and_target() -> None:
    wanted = {
        (disturbance.name, f"{service.milliseconds:g} ms")
        for disturbance in DISTURBANCES
        for service in SERVICES
    }
    assert set(verdicts_in(PAGE.read_text())) == wanted


def test_the_target_knows_the_time_from_the_kernel_to_its_answer() -> None:
    command = [sys.executable, ROOT / "perf/calibration/target.py", "20"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as target:
        assert target.stdout is not None
        address = ("127.0.0.1", int(target.stdout.readline()))
        with socket.create_connection(address) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nX-Id: one\r\n\r\n")
            assert target.stdout.readline() == "visited\n"
            assert connection.recv(1000).endswith(b"\r\n\r\nok")
        took = json.loads(target.communicate()[0])
    assert took["one"] >= 0.02


@pytest.mark.extra
@pytest.mark.alone
@pytest.mark.parametrize("service", SERVICES, ids=lambda one: f"{one.milliseconds:g} ms")
@pytest.mark.parametrize("disturbance", DISTURBANCES, ids=lambda one: one.name)
def test_the_verdict_on_a_real_run_is_right_and_the_one_in_the_docs(
    disturbance: Disturbance, service: Service
) -> None:
    one = calibrate(disturbance, service, 8)
    assert one.is_right, one
    told = verdicts_in(PAGE.read_text())[key_of(one)]
    assert one.is_near or "near" in told or verdict_of(one) == told, (one, told)

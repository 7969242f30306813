"""Test thresholds: the grammar, the meaning of each metric, and the verdicts."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from boomtalk.engine.errors import StepFailed, UsageError
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.measure.snapshot import Snapshot
from boomtalk.engine.measure.stats import Stats
from boomtalk.engine.measure.thresholds import parse_threshold


class Clock:
    """A clock that shows the time that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def snapshot() -> Snapshot:
    """Return ten seconds with 90 requests to `login` (1..90 ms) and 10 failed ones to `pay`."""
    clock = Clock()
    stats = Stats(clock)
    login, pay = stats.step("shop", "login", "request-POST"), stats.step("shop", "pay", "api")
    login.counts.issued = login.counts.ok = 90
    login.counts.latencies += [n / 1000 for n in range(1, 91)]
    login.counts.responses += [1.0] * 90
    login.counts.connects += [0.002] * 3
    pay.counts.issued = 10
    pay.counts.latencies += [0.5] * 10
    for _ in range(10):
        pay.fail(StepFailed("check", "no"), pay.counts)
    pay.fail_unissued(StepFailed("template", "no"), pay.counts)
    stats.step("other", "login", "api")
    stats.iterations.started, stats.iterations.no_user, stats.iterations.late = 50, 3, 4
    action = stats.transaction("shop", "Action")
    for n in range(4):
        action.add(0.0, 2.0, passed=n > 0)
    clock.now = 10.0
    return stats.snapshot()


def functions() -> list[SimpleNamespace]:
    """Return the run times of two plugin functions: 5 ms and 20 ms."""
    found = []
    for name, seconds in (("sign", 0.005), ("hash", 0.02)):
        run = Histogram()
        run.add([seconds] * 4)
        found.append(SimpleNamespace(name=name, run=run))
    return found


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("p(50){shop/login}<100", 45),
        ("p(99.9) { shop/login } <= 100ms", 90),
        ("min{shop/login}>0", 1),
        ("max<1s", 500),
        ("mean{pay}<1s", 500),
        ('p(50){"shop/login"}<100', 45),
        ("response.p(95)<2s", 1000),
        ("connect.p(50)<5", 2),
        ("plugin.p(50){sign}<10", 5),
        ("plugin.max<30ms", 20),
        ("rate>=1", 9),
        ("rate{pay}==0/s", 0),
        ("error_rate<50%", 11 / 101),
        ("error_rate{shop/login}==0", 0),
        ("issued==100", 100),
        ("issued{pay}==10", 10),
        ("failed<100", 10),
        ("dropped<10", 7),
        ("iterations>=50", 50),
        ("p(90){transaction:Action}<3s", 2000),
        ("error_rate{transaction:Action}<=25%", 0.25),
        ("failed{transaction:shop/Action}==1", 1),
    ],
)
def test_a_metric_is_the_figure_it_names(expression: str, value: float) -> None:
    verdict = parse_threshold(expression).judge(snapshot(), functions())
    assert verdict.expression == expression
    assert verdict.value == pytest.approx(value, rel=0.005)
    assert verdict.passed


@pytest.mark.parametrize(
    ("comparison", "passed_at"),
    [("<", {9}), ("<=", {9, 10}), ("==", {10}), (">=", {10, 11}), (">", {11})],
)
def test_a_bound_holds_on_its_own_side(comparison: str, passed_at: set[int]) -> None:
    numbers = snapshot()  # 10 failed
    shift = {9: 11, 10: 10, 11: 9}
    passed = {
        at
        for at, bound in shift.items()
        if parse_threshold(f"failed{comparison}{bound}").judge(numbers, []).passed
    }
    assert passed == passed_at


@pytest.mark.parametrize(
    ("expression", "limit"),
    [("p(95)<300", 300), ("p(95)<1.5s", 1500), ("error_rate<1%", 0.01), ("rate>2/s", 2)],
)
def test_a_limit_has_the_unit_of_its_metric(expression: str, limit: float) -> None:
    assert parse_threshold(expression).limit == limit


@pytest.mark.parametrize(
    "text",
    [
        *["", "p95<3", "p(95)", "p(95)<", "p(95)=3", "p(95)<-1", "p(95)<3 <4", "p(95)<nan"],
        *["p(0)<1", "p(101)<1", "p<3", "mean(3)<1", "median<3", "plugin.rate>1", "wire.p(5)<1"],
        *["p(95)<3%", "error_rate<1ms", "rate>1s", "issued<3ms", "dropped{login}==0"],
        *["iterations{login}>1", "p(95){login<3", "response.failed<1", "p(95)<3h"],
    ],
)
def test_what_is_no_threshold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="threshold"):
        parse_threshold(text)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("p(95){lgoin}<1", "there is no step 'lgoin'"),
        ("p(95){login}<1", "names 2 steps"),
        ("p(95){transaction:Acton}<1", "there is no step 'transaction:Acton'"),
        ("plugin.p(95){sgin}<1", "there is no plugin function 'sgin'"),
    ],
)
def test_a_selector_must_name_one_thing_of_the_cases(expression: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        parse_threshold(expression).check_names(snapshot(), ["sign"])


@pytest.mark.parametrize(
    "expression",
    ["p(95)<1s", "response.p(95)<1s", "connect.max<1", "plugin.p(50)<1", "error_rate<1%"],
)
def test_without_data_a_threshold_has_failed(expression: str) -> None:
    verdict = parse_threshold(expression).judge(Stats(Clock()).snapshot(), [])
    assert (verdict.value, verdict.passed, verdict.is_broken) == (None, False, False)


def test_only_an_upper_bound_can_be_broken_before_the_end() -> None:
    bound = {rule: parse_threshold(rule).is_bound for rule in ("failed<1", "rate>=5", "issued>3")}
    assert bound == {"failed<1": True, "rate>=5": False, "issued>3": False}

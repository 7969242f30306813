"""Test the metrics of one moment, for runs of all kinds."""

from __future__ import annotations

from boomtalk.engine.errors import StepFailed
from boomtalk.engine.export.endpoint import rendered
from boomtalk.engine.export.hrp_families import Window, hrp_families
from boomtalk.engine.http.channel import Wire
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.measure.health import Health
from boomtalk.engine.measure.stats import Stats
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families


def moment(stats: Stats) -> Outcome:
    health = Health().snapshot()
    return Outcome(stats.snapshot(), health, (), Wire(), None, None, (), 0)


def metrics(stats: Stats) -> dict[str, Metric]:
    text = rendered(moment(stats)).decode()
    return {family.name: family for family in text_string_to_metric_families(text)}


def test_a_bucket_holds_what_took_no_longer_than_its_edge() -> None:
    stats = Stats()
    stats.step("c", "s", "request-GET").counts.latencies.extend([0.0005, 0.0015, 0.0015, 0.3, 9.0])
    samples = metrics(stats)["boomtalk_latency_seconds"].samples
    below = {one.labels["le"]: one.value for one in samples if one.name.endswith("_bucket")}
    edges = ("0.001", "0.002", "0.2", "0.5", "5", "+Inf")
    assert [below[edge] for edge in edges] == [1, 3, 3, 4, 4, 5]
    (total,) = [one.value for one in samples if one.name.endswith("_sum")]
    assert abs(total - 9.3035) < 0.001


def test_many_steps_become_few_time_series_and_none_of_their_requests_is_lost() -> None:
    stats = Stats()
    for number in range(1000):
        counts = stats.step("c", f"step {number}", "request-GET").counts
        counts.issued = counts.ok = 1
    samples = metrics(stats)["boomtalk_requests"].samples
    steps = {one.labels["step"] for one in samples}
    assert len(steps) == 200
    assert "other" in steps
    assert sum(one.value for one in samples if one.labels["outcome"] == "ok") == 1000


def test_many_failures_become_a_time_series_per_kind() -> None:
    stats = Stats()
    series = stats.step("c", "s", "request-GET")
    for number in range(500):
        failure = StepFailed("check", f"got {number}", check=f"body.id eq {number}")
        series.fail(failure, series.counts)
    samples = metrics(stats)["boomtalk_failures"].samples
    kinds = {one.labels["kind"]: one.value for one in samples}
    assert len(samples) == len(kinds) == 2
    assert kinds["check"] + kinds["other"] == 500  # further checks are in a row `other`


def test_a_name_that_means_something_to_the_format_is_only_a_name() -> None:
    stats = Stats()
    name = 'a"} 1\nboomtalk_users 7 \\ {'
    stats.step("c", name, "request-GET").counts.issued = 1
    found = metrics(stats)
    assert {one.labels["step"] for one in found["boomtalk_requests"].samples} == {name}
    assert [one.value for one in found["boomtalk_users"].samples] == [0]


def test_a_name_that_cannot_be_encoded_takes_no_number_away() -> None:
    stats = Stats()
    stats.step("c", "half \ud83d of it", "request-GET").counts.issued = 1
    found = metrics(stats)
    assert {one.labels["step"] for one in found["boomtalk_requests"].samples} == {"half ? of it"}


def test_steps_of_one_name_in_several_cases_are_one_row_under_the_names_of_hrp() -> None:
    stats = Stats()
    for case in ("a", "b"):
        counts = stats.step(case, "login", "request-POST").counts
        counts.issued = counts.ok = 2
    snapshot = moment(stats)
    (family,) = [
        one
        for one in hrp_families(snapshot, Window(snapshot.snapshot.steps, 2.0), False)
        if one.name == "current_rps"
    ]
    assert [(one.labels, one.value) for one in family.samples] == [
        ({"method": "request-POST", "name": "login"}, 2.0)
    ]

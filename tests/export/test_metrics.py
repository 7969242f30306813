"""Test the metrics of one moment, for runs of all kinds."""

from __future__ import annotations

from boomtalk.engine.errors import StepFailed
from boomtalk.engine.export.endpoint import rendered
from boomtalk.engine.export.families import families
from boomtalk.engine.export.hrp_families import Window, hrp_families
from boomtalk.engine.load.shape import Load, Ramp
from boomtalk.engine.measure.plugins import PluginSnapshot
from boomtalk.engine.measure.stats import Stats
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from .moments import moment, plugin


def metrics(stats: Stats, *plugins: PluginSnapshot) -> dict[str, Metric]:
    text = rendered(families(moment(stats, plugins), Load(Ramp()))).decode()
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


def test_responses_are_counted_by_status_code_and_odd_codes_share_a_time_series() -> None:
    stats = Stats()
    counts = stats.step("c", "s", "request-GET").counts
    counts.status.update({200: 5, 503: 2, 499: 1, 460: 1, 799: 3})
    samples = metrics(stats)["boomtalk_responses"].samples
    assert {one.labels["code"]: one.value for one in samples} == {
        "200": 5,
        "503": 2,
        "4xx": 2,
        "7xx": 3,
    }


def test_plugins_of_one_path_on_several_shards_are_one_time_series() -> None:
    found = metrics(Stats(), plugin(0, calls=5, rss=1000), plugin(1, calls=2, rss=None))
    calls = {one.labels["outcome"]: one.value for one in found["boomtalk_plugin_calls"].samples}
    assert calls["ok"] == 7
    (memory,) = found["boomtalk_plugin_resident_memory_bytes"].samples
    assert (memory.labels, memory.value) == ({"path": "debugtalk.py"}, 1000)
    assert [one.value for one in found["boomtalk_plugin_processes"].samples] == [2]


def test_what_limits_the_load_is_the_only_limit_with_a_one() -> None:
    stats = Stats()
    stats.step("c", "s", "request-GET").counts.failed = 1
    samples = metrics(stats)["boomtalk_limited_by"].samples
    assert [one.labels["what"] for one in samples if one.value] == ["none"]
    assert "generator_cpu" in {one.labels["what"] for one in samples}

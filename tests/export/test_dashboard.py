"""Test the dashboard for Grafana against the metrics that are served."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.export.endpoint import rendered
from boomtalk.engine.export.families import families
from boomtalk.engine.load.shape import Load, Ramp
from boomtalk.engine.measure.snapshot import StepSnapshot
from boomtalk.engine.measure.stats import Stats
from prometheus_client.parser import text_string_to_metric_families

from .moments import moment, plugin

BOARD: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "deploy" / "grafana.json").read_text()
)
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
QUERIES = [(target["expr"], target["legendFormat"]) for p in PANELS for target in p["targets"]]
# Prometheus adds them to everything that it scrapes.
ADDED = {"instance", "job"}
COLUMNS = 24


@cache
def served() -> dict[str, set[str]]:
    """Return the labels of each time series that a run with all of them serves."""
    stats = Stats()
    series = stats.step("c", "s", "request-GET")
    series.counts.status[200] = 1
    series.counts.latencies.append(0.1)
    series.fail(StepFailed("check", "no", check="a eq b"), series.counts)
    outcome = moment(stats, (plugin(0, calls=1, rss=1),), is_measured=True)
    text = rendered(families(outcome, Load(Ramp()))).decode()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            found.setdefault(one.name, set()).update(one.labels)
    return found


def used(query: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each metric of a query with the labels that the query wants of it."""
    groups = set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", query))))
    for name, selector in re.findall(r"\b(boomtalk_\w+)(?:\{([^}]*)\})?", query):
        yield name, groups | set(re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"', selector))


@pytest.mark.parametrize(("query", "legend"), QUERIES)
def test_a_query_asks_only_for_what_is_served(query: str, legend: str) -> None:
    metrics = dict(used(query))
    assert metrics
    named = set(re.findall(r"\{\{(\w+)\}\}", legend))
    for name, labels in metrics.items():
        assert name in served()
        assert labels | named <= served()[name] | ADDED


def test_every_metric_is_on_the_dashboard() -> None:
    shown = {name for query, _ in QUERIES for name, _ in used(query)}
    histogram = {f"boomtalk_latency_seconds_{end}" for end in ("count", "sum")}
    assert set(served()) - histogram == shown


def test_the_choices_of_the_variables_are_served() -> None:
    variables = {one["name"]: one for one in BOARD["templating"]["list"]}
    assert variables["datasource"]["query"] == "prometheus"
    asked = [one["query"]["query"] for one in variables.values() if one["type"] == "query"]
    for query in asked:
        ((name, labels),) = used(query)
        label = re.search(r", (\w+)\)$", query)
        assert label
        assert labels | {label[1]} <= served()[name] | ADDED
    known = re.findall(r"\$(\w+)", " ".join([*asked, *(query for query, _ in QUERIES)]))
    assert set(known) - {"__rate_interval"} <= set(variables)


def test_values_of_labels_in_queries_are_served() -> None:
    text = " ".join(query for query, _ in QUERIES)
    wanted = set(re.findall(r'outcome(?:=~|!=)"([^"]+)"', text))
    ends = {"ok", "failed", "cancelled", "not_issued"}
    assert {one for value in wanted for one in value.split("|")} <= ends
    assert ends <= set(StepSnapshot.__struct_fields__)


def test_the_model_is_complete() -> None:
    # LATEST_VERSION in apps/dashboard/pkg/migration/schemaversion of Grafana.
    assert BOARD["schemaVersion"] == 42
    assert BOARD["title"] == BOARD["uid"] == "boomtalk"
    assert "id" not in BOARD, "the number in one server"
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(ids) == len(set(ids))
    for panel in PANELS:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert all(one["datasource"] == panel["datasource"] for one in panel["targets"])
        refs = [one["refId"] for one in panel["targets"]]
        assert len(refs) == len(set(refs)) > 0


def test_no_panel_lies_on_another_one() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        columns = range(place["x"], place["x"] + place["w"])
        rows = range(place["y"], place["y"] + place["h"])
        cells = {(column, row) for column in columns for row in rows}
        assert columns.stop <= COLUMNS, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells

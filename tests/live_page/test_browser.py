"""Test the live page in a browser: it follows the load, stops it, and ends as the report."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.page.browser import Tab, browser
from tests.page.test_browser import counts, number, rows
from tests.support.boomtalk_cli import Running, read_report, started
from tests.support.waiting import wait_until

from .test_program import url_of

pytestmark = pytest.mark.extra
CASE = """
config: {name: shop, parameters: {item: [1, 2, 3, 4]}}
teststeps:
  - {name: items, request: {method: GET, url: /api/items}, validate: [{eq: [status_code, 200]}]}
  - {name: pay, request: {method: GET, url: /}, validate: [{lt: [$item, 4]}]}
"""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    profile = tmp_path_factory.mktemp("browser")
    with browser(profile) as opened:
        yield opened
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def running(target: TargetProcess, tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "case.yml").write_text(CASE)
    files = ("--json", "report.json", "--html", "page.html", "--no-out", "-q")
    load = ("-u", "4", "--warmup", "1s", "--max-rps", "100", "--threshold", "p(95)<10s")
    words = ("boom", "case.yml", "--base-url", target.url, *load, *files, "--web", "0")
    with started(words, cwd=tmp_path) as run:
        run.wait_for("live page")
        yield run


def seconds(tab: Tab, number: int) -> None:
    """Wait until the page shows at least this many seconds."""
    shown = "document.querySelectorAll('#charts svg').length && timeline.at.length"
    wait_until(lambda: tab.ask(shown) >= number, f"{number} seconds on the page")


def press(tab: Tab, button: str) -> None:
    tab.ask(f"document.getElementById('do-{button}').click()")


def test_the_page_follows_the_load_and_ends_as_its_report(
    running: Running, tab: Tab, tmp_path: Path
) -> None:
    tab.open(url_of(running))
    seconds(tab, 3)
    press(tab, "mark")
    press(tab, "more")
    tab.ask("location.hash = '#from=0&to=1&step=1'")
    seconds(tab, 5)
    # A selected part stays while the run goes on.
    assert [one["step"] for one in rows(tab, "Steps")] == ["items", "pay", "all steps"]
    first = counts(rows(tab, "Steps")[-1])
    seconds(tab, 6)
    assert counts(rows(tab, "Steps")[-1]) == first
    # While a list is open nothing is drawn; once a step is chosen the page goes on.
    tab.ask(
        "step.focus(); step.dispatchEvent(new Event('pointerdown', { bubbles: true }));"
        " step.value = '0'; step.dispatchEvent(new Event('change', { bubbles: true }))"
    )
    wait_until(lambda: tab.ask("location.hash").endswith("step=0"), "the chosen step")
    tab.ask("location.hash = ''")
    wait_until(lambda: tab.ask("Number(to.value)") > 5, "later seconds")
    # Who comes late sees all so far.
    tab.open(url_of(running), 390, "dark")
    seconds(tab, 6)
    assert tab.ask("document.documentElement.scrollWidth") == 390
    press(tab, "stop")
    assert running.wait().code == 130
    state = "document.getElementById('state').textContent"
    wait_until(lambda: tab.ask(state).startswith("The run has ended"), "the end on the page")
    report = read_report(tmp_path / "report.json")
    for row, step in zip(rows(tab, "Steps"), [*report["steps"], report["total"]], strict=True):
        assert counts(row) == [step[name] for name in ("issued", "ok", "failed", "not_issued")]
        assert number(row["p95"]) == pytest.approx(step["latency_ms"]["p95"], abs=0.0011)
    assert "Interrupted" in tab.ask("document.querySelector('.headline').textContent")
    shown = tab.ask("document.querySelector('.marks').textContent")
    assert "mark 1 of the live page" in shown
    assert "+1 users" in shown
    assert tab.ask("live.page") == (tmp_path / "page.html").read_text()
    assert tab.ask("[...document.querySelectorAll('#live button')].map(one => one.hidden)") == [
        *([True] * 5),
        False,
    ]
    assert tab.complaints == []


def test_the_numbers_of_a_running_load_are_those_of_its_end(running: Running, tab: Tab) -> None:
    tab.open(url_of(running))
    seconds(tab, 2)
    # What came by events before the whole page came, is the same as what the whole page has.
    tab.ask(
        "window.before = null; const whole = finish; finish = page => { window.before ="
        " JSON.stringify([timeline.at.length, timeline.steps.map(row => row.slices.map(one =>"
        " one.slice(0, 7))), timeline.errors]); whole(page) }"
    )
    press(tab, "stop")
    running.wait()
    wait_until(lambda: tab.ask("live.isOver"), "the end on the page")
    after = (
        "JSON.stringify([timeline.at.length, timeline.steps.map(row => row.slices.map(one =>"
        " one.slice(0, 7))), timeline.errors])"
    )
    assert tab.ask("window.before") == tab.ask(after)


def test_many_slices_are_joined_without_losing_a_request(running: Running, tab: Tab) -> None:
    tab.open(url_of(running))
    seconds(tab, 4)
    # The numbers of both are read in one turn, so that no event comes in between.
    before, after = tab.ask(
        "(() => { const told = () => { const part = { first: 0, last: timeline.at.length - 1 };"
        " return [timeline.at[timeline.at.length - 1], timeline.steps.map(row => {"
        " const { issued, ok, failed, status, latency } = stepOver(part, row);"
        " return [issued, ok, failed, status, latency.count, latency.p95, latency.max] }),"
        " failuresOver(part), timeline.issued.reduce((sum, one) => sum + one, 0)] };"
        " const [many, one] = [timeline.at.length, told()]; mergeNeighbours(); mergeNeighbours();"
        " if (timeline.at.length > many / 2 + 1) throw new Error('not joined');"
        " return [one, told()] })()"
    )
    assert before == after
    seconds(tab, 4)
    assert tab.complaints == []
    press(tab, "stop")
    running.wait()

"""Test the page of a load test in a browser: its numbers, its windows, and odd content."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.page.encoding import encoded_buckets

from tests.support.boomtalk_cli import run_cli

from .browser import Tab
from .recorded import HOSTILE, Run, rows_of, total

pytestmark = pytest.mark.extra

# Each row of a table by the names of its columns, with times as exact as on the page.
READ = """(id => {
  const table = document.querySelector(`[data-table="${id}"]`)
  const heads = [...table.tHead.rows[0].cells].map(cell => cell.textContent)
  return [...table.tBodies[0].rows, ...(table.tFoot ? table.tFoot.rows : [])].map(row =>
    Object.fromEntries([...row.cells].map((cell, at) => [
      heads[at], cell.title || cell.textContent])))
})"""


def rows(tab: Tab, name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = tab.ask(f"{READ}({name!r})")
    return found


def number(text: str) -> float:
    return float(text.replace("\u202f", "").removesuffix(" ms"))


def counts(row: dict[str, str]) -> list[int]:
    return [int(number(row[name])) for name in ("issued", "ok", "failed", "not issued")]


def url(run: Run, fragment: str = "") -> str:
    return f"{run.page.as_uri()}{fragment}"


@pytest.mark.parametrize(
    ("scheme", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(21, 24, 28)")]
)
@pytest.mark.parametrize("width", [360, 1200])
def test_the_page_fits_its_window_without_a_complaint(
    run: Run, tab: Tab, width: int, scheme: str, ground: str
) -> None:
    tab.open(url(run), width, scheme)
    tab.ask("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert tab.complaints == []
    assert tab.ask("document.documentElement.scrollWidth") == width
    assert tab.ask("getComputedStyle(document.body).backgroundColor") == ground
    assert tab.ask("document.querySelectorAll('svg').length") == 9


def test_a_foreign_script_would_not_run_and_be_told(run: Run, tab: Tab, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(run.page.read_text().replace("<main>", "<script>document.x = 1</script><main>"))
    tab.open(bad.as_uri())
    assert any("Content Security Policy" in str(one) for one in tab.complaints)
    assert tab.ask("document.x") is None


def test_the_tables_show_the_numbers_of_the_report(run: Run, tab: Tab) -> None:
    tab.open(url(run))
    report = run.report
    shown = rows(tab, "Steps")
    for row, step in zip(shown, [*report["steps"], report["total"]], strict=True):
        assert counts(row) == [step[name] for name in ("issued", "ok", "failed", "not_issued")]
        for name in ("min", "mean", "p50", "p95", "p99", "max"):
            assert number(row[name]) == pytest.approx(step["latency_ms"][name], abs=0.0011), name
        assert number(row["ok/s"]) == pytest.approx(step["rate"], abs=0.051)
    for row, span in zip(rows(tab, "Transactions"), report["transactions"], strict=True):
        assert [int(number(row[name])) for name in ("ok", "failed")] == [span["ok"], span["failed"]]
        assert number(row["p95"]) == pytest.approx(span["duration_ms"]["p95"], abs=0.0011)
    assert [int(number(row["count"])) for row in rows(tab, "Failures")] == [
        error["count"] for error in report["errors"]
    ]
    told = tab.ask("document.getElementById('accounting').innerText").replace("\u202f", "")
    counted = report["accounting"]
    assert f"issued {counted['issued']} = ok {counted['ok']} + failed {counted['failed']}" in told


def test_hostile_names_are_text(run: Run, tab: Tab) -> None:
    tab.open(url(run))
    name = HOSTILE.replace("\u202e", "\\u202e").replace("\x07", "\\x07")
    assert tab.ask("document.title").startswith(" ".join(name.split()))
    assert tab.ask("document.querySelector('h1').textContent") == name
    assert f"pay {name}" in [row["step"] for row in rows(tab, "Steps")]
    assert tab.ask("document.querySelectorAll('img, iframe, a, b b').length") == 0


def check_window(run: Run, tab: Tab, first: int, last: int) -> None:
    """Compare the tables with the seconds of the record from index `first` to `last`."""
    seconds = run.seconds()[first : last + 1]
    for row, step in zip(rows(tab, "Steps"), run.report["steps"], strict=False):
        mine = rows_of(seconds, step["name"])
        assert counts(row) == [total(mine, key) for key in ("issued", "ok", "failed", "not_issued")]
        values = [one["latency"] for one in mine if one.get("latency")]
        assert number(row["max"]) == pytest.approx(max(v["high"] for v in values) * 1000, abs=0.001)


def test_a_window_from_the_address_counts_only_its_seconds(run: Run, tab: Tab) -> None:
    warmup = sum(second["t"] < 0 for second in run.seconds())
    tab.open(url(run, "#from=1&to=3"))
    check_window(run, tab, warmup + 1, warmup + 2)
    with tab.moved():
        tab.ask("document.querySelector('#window button').click()")
    assert counts(rows(tab, "Steps")[-1])[0] == run.report["total"]["issued"]


def test_a_window_may_be_typed(run: Run, tab: Tab) -> None:
    warmup = sum(second["t"] < 0 for second in run.seconds())
    tab.open(url(run))
    with tab.moved():
        tab.ask(
            "const [from, to] = document.querySelectorAll('#window input');"
            " to.focus(); from.value = 0; to.value = 2; to.dispatchEvent(new Event('change'))"
        )
    assert tab.ask("document.activeElement.id") == "to"
    check_window(run, tab, warmup, warmup + 1)


def test_a_window_may_be_dragged_over_any_chart(run: Run, tab: Tab) -> None:
    warmup = sum(second["t"] < 0 for second in run.seconds())
    for chart in range(2):
        tab.open(url(run))
        box = tab.ask(
            f"(svg => {{ svg.scrollIntoView({{block: 'center'}}); const [frame, grid] ="
            " [svg.getBoundingClientRect(), svg.querySelector('.grid').getBoundingClientRect()];"
            " return [grid.left, grid.width, frame.top + frame.height / 2] })"
            f"(document.querySelectorAll('#charts svg')[{chart}])"
        )
        places = [place_of(run, second, box) for second in (warmup, warmup + 1)]
        with tab.moved():
            tab.drag(*places)
        check_window(run, tab, warmup, warmup + 1)


def place_of(run: Run, index: int, box: list[float]) -> tuple[float, float]:
    """Return the place on a chart of the middle of a second, a little outside of it."""
    left, width, y = box
    ends = [0.0, *(second["elapsed"] for second in run.seconds())]
    first = sum(second["t"] < 0 for second in run.seconds())
    outwards = -0.2 if index == first else 0.2
    middle = (ends[index] + ends[index + 1]) / 2 + outwards
    return left + width * middle / ends[-1], y


def test_a_click_on_a_column_sorts_by_it(run: Run, tab: Tab) -> None:
    tab.open(url(run))
    click = "[...document.querySelectorAll('[data-table=Steps] thead button')]"
    for wanted in (True, False):
        tab.ask(f"{click}.find(button => button.textContent === 'p95').click()")
        shown = [number(row["p95"]) for row in rows(tab, "Steps")[:-1]]
        assert shown == sorted(shown, reverse=wanted)
    assert 'aria-sort="ascending"' in tab.ask("document.querySelector('thead').outerHTML")


def test_the_charts_of_one_step_are_of_that_step(run: Run, tab: Tab) -> None:
    tab.open(url(run, "#step=1"))
    told = tab.ask("document.getElementById('spread').textContent").replace("\u202f", "")
    requests = run.report["steps"][1]["latency_ms"]["count"]
    assert re.search(rf"(?<!\d){requests} requests", told)


def test_the_page_of_a_run_without_a_second_breaks_nothing(
    run: Run, tab: Tab, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    first = (run.directory / "record.jsonl").read_text().partition("\n")[0]
    (out / "record.jsonl").write_text(first + "\n")
    assert run_cli("report", out, "--html", tmp_path / "page.html", "-q").code == 0
    tab.open((tmp_path / "page.html").as_uri())
    assert tab.complaints == []
    assert "Killed" in tab.ask("document.body.innerText")


def test_the_browser_reads_every_bucket_as_the_engine_does(run: Run, tab: Tab) -> None:
    tab.open(url(run))
    histogram = Histogram()
    histogram.add([1e-6 * 1.37**power for power in range(60) for _ in range(power**3 % 1000 + 1)])
    times: list[Any] = [histogram.total, histogram.low, histogram.high]
    percents = [0.1, 1, 10, 33.3, 50, 75, 90, 95, 99, 99.9, 99.99, 100]
    found = tab.ask(
        f"(() => {{ const one = new Histogram();"
        f" one.add([...{times!r}, bucketsOf({encoded_buckets(histogram)!r})]);"
        f" return [one.count, ...one.percentiles({percents!r})] }})()"
    )
    assert found == [histogram.count, *histogram.percentiles(percents)]


def test_the_cards_follow_the_selected_part(run: Run, tab: Tab) -> None:
    for fragment in ("", "#from=1&to=3"):
        tab.open(url(run, fragment))
        cards = dict(
            tab.ask(
                "[...document.querySelectorAll('.tiles > div')].map(one =>"
                " [...one.children].map(part => part.textContent))"
            )
        )
        total = rows(tab, "Steps")[-1]
        assert number(cards["requests"]) == counts(total)[0] > 0
        assert number(cards["p95"]) == pytest.approx(number(total["p95"]), abs=0.051)
        assert cards["ok per second"] == total["ok/s"]


def test_the_values_of_thresholds_have_their_unit(run: Run, tab: Tab) -> None:
    tab.open(url(run))
    shown = tab.ask("[...document.querySelectorAll('.rules .note')].map(one => one.textContent)")
    errors, p95 = (rule["value"] for rule in run.report["thresholds"])
    assert shown[0] == f"was {errors:.1%}".replace("%", " %")
    assert re.fullmatch(r"was \d+\.\d\d? ms", shown[1])
    assert number(shown[1].removeprefix("was ")) == pytest.approx(p95, abs=0.051)
    told = (
        "['rate>1', 'failed<3', 'plugin.p(95){sign}<2'].map(expression =>"
        " inUnit({ expression, value: 1234.5678 }))"
    )
    assert tab.ask(told) == ["1\u202f235 /s", "1\u202f235", "1\u202f235 ms"]


def test_rare_kinds_of_failures_are_one_line_and_none_is_left_out(run: Run, tab: Tab) -> None:
    tab.open(url(run))
    lines = tab.ask(
        "(() => { report.errors = [...'abcdefgh', 'h'].map(kind => ({ kind }));"
        " timeline.errors = report.errors.map((_, index) => [[0, index + 1]]);"
        " const length = timeline.at[0] - starts[0];"
        " return failureChart().lines.map(({ name, values }) =>"
        " [name, Math.round(values[0] * length)]) })()"
    )
    assert lines == [["h", 17], ["g", 7], ["f", 6], ["e", 5], ["d", 4], ["other", 6]]


def test_a_long_table_has_a_filter_and_keeps_its_heads_and_names_in_sight(
    run: Run, tab: Tab
) -> None:
    tab.open(url(run))
    assert tab.ask("document.querySelectorAll('.filter').length") == 0
    name = "a step with a name of forty characters .."
    tab.ask(
        "const [row] = timeline.steps; timeline.steps.push(...Array.from({ length: 30 },"
        f" (_, index) => ({{ ...row, name: `{name[:38]}${{10 + index}}` }}))); show()"
    )
    box = "document.querySelector('.filter input')"
    first, one = tab.ask(
        f"({box}.focus(), [...document.querySelectorAll('[data-table=Steps] .name')].slice(-1)"
        ".map(node => [node.getClientRects().length, node.parentElement.scrollWidth"
        " <= node.parentElement.clientWidth]))"
    )[0]
    assert (first, one) == (1, True)  # forty characters are one line
    tab.ask(f"{box}.value = '15'; {box}.dispatchEvent(new Event('input')); show()")
    assert [row["step"] for row in rows(tab, "Steps")] == [f"{name[:38]}15", "all steps"]
    assert tab.ask("document.activeElement.id") == "filter-Steps"
    tab.ask(f"{box}.value = ''; {box}.dispatchEvent(new Event('input'))")
    places = tab.ask(
        "(() => { const wide = document.querySelector('[aria-label=Steps]');"
        " wide.scrollTo(100, 200); const box = wide.getBoundingClientRect();"
        " const place = node => node.getBoundingClientRect();"
        " return [place(wide.querySelector('thead th:nth-child(3)')).top - box.top,"
        " place(wide.querySelector('tbody tr:nth-child(9) th')).left - box.left,"
        " wide.scrollTop] })()"
    )
    assert places == [0, 0, 200]


def test_the_words_of_the_page_explain_themselves(run: Run, tab: Tab) -> None:
    tab.open(url(run))
    tab.ask("report.health.limited_by = 'schedule'; showAll()")
    shown = tab.ask(
        "[...document.querySelectorAll('abbr, th[title]')].filter(one => one.title.length > 20)"
        ".map(one => one.textContent.toLowerCase())"
    )
    assert {
        *("issued", "not issued", "dropped", "on the wire", "generator", "limited by", "schedule"),
        *("plugins", "wait", "lag"),
    } <= set(shown)
    assert any("trusted" in word for word in shown)


def test_a_chart_without_any_value_is_left_out(run: Run, tab: Tab) -> None:
    tab.open(url(run))
    charts = "[...document.querySelectorAll('#charts strong')].map(one => one.textContent)"
    assert "Plugin calls per second" in tab.ask(charts)
    tab.ask("timeline.calls.fill(0); show()")
    assert not [title for title in tab.ask(charts) if "lugin" in title]

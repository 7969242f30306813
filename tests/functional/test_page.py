"""Test the page of a functional run: it is safe with any content, and readable everywhere."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.http.scripted_server import Answer, scripted
from tests.support.waiting import PATIENCE

from .servers import json_answer, play

CASE = """
config: {name: "shop <b>", base_url: $URL, parameters: {user: [ann, "<script>alert(1)</script>"]}}
teststeps:
  - name: "login <script>alert(2)</script>\\x07\\u202e"
    request: {method: POST, url: /login, json: {user: $user, password: hush-hush}}
    extract: {id: body.id}
    validate: [{eq: [status_code, 200]}]
  - {name: left out, skip: "not today", think_time: 0}
  - name: a_name_that_is_long_and_has_no_blank_anywhere_in_it_where_a_phone_could_break_the_line
    request: {method: GET, url: /long}
    validate: [{len_gt: [body.items, 5000, "<i>many</i>"]}, {eq: [status_code, 200]}]
  - name: fail
    request: {method: GET, url: /plain}
    validate: [{eq: [body, "</pre><script>alert(3)</script>"]}]
  - name: refused
    request: {method: GET, url: "http://127.0.0.1:1/?x='\\"><img src=x onerror=alert(4)>"}
"""
SCRIPT: dict[bytes, Answer] = {
    b"/login": json_answer(
        b'{"id":18446744073709551617,"odd":"\\ud800"}', b'X-Odd: "><script>alert(5)</script>'
    ),
    b"/long": json_answer(json.dumps({"items": ["<p>" + "x" * 40] * 4000}).encode()),
    b"/plain": json_answer(b"\x00\x1b[31m</pre><script>alert(6)</script>"),
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    words = ("run", "case.yml", "-c", "-q", "--html", "r.html")
    ended, _ = play(folder, *words, script=SCRIPT, case=CASE)
    assert ended.code == 1, ended
    return (folder / "r.html").read_text()


class Elements(HTMLParser):
    """Collects the names and attributes of all elements, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_a_case_or_a_server_says_never_becomes_markup(page: str) -> None:
    seen = Elements(page)
    assert seen.tags == {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "span", "nav", "ol"),
        *("ul", "li", "a", "section", "details", "summary", "div", "table", "tr", "th", "td"),
        "pre",
    }
    assert seen.attributes <= {
        *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "open"),
    }
    assert seen.links == ["#case-1", "#case-2"]
    for number in range(1, 7):
        assert f"alert({number})" in seen.text, "it is shown, too"
    assert r"\x07\u202e" in seen.text, "control characters are seen, not obeyed"
    assert "\x1b" not in page


def test_the_page_tells_what_failed_and_how_much_was_cut(page: str) -> None:
    text = Elements(page).text
    assert "0 of 2 cases passed; steps: 2 passed, 6 failed, 2 skipped" in text
    assert 'expected"</pre><script>alert(3)</script>"' in text
    assert "body.items len_gt (<i>many</i>)" in text
    assert "connect refused" in text
    assert re.search(r"… [\d ]+ more characters", text)
    assert len(page) < 200_000
    assert "18446744073709551617" in page
    assert "hush-hush" not in page


def test_only_what_failed_is_open(page: str) -> None:
    heads = re.findall(r"<details( open)?><summary>(.*?)</summary>", page, re.DOTALL)
    marks = {(re.sub("<.*?>", "", head).split()[0], bool(is_open)) for is_open, head in heads}
    assert {("failed", True), ("ok", False), ("request", False), ("response", False)} <= marks
    assert not {("failed", False), ("ok", True)} & marks


def _luminance(color: str) -> float:
    digits = color if len(color) == 6 else "".join(digit * 2 for digit in color)
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_can_be_read_by_day_and_by_night(page: str) -> None:
    schemes = re.findall(r":root\{(.*?)\}", page, re.DOTALL)
    assert len(schemes) == 2
    for scheme in schemes:
        colors = dict(re.findall(r"--(\w+):#(\w+)", scheme))
        for text in ("text", "muted", "ok", "failed"):
            for ground in ("page", "soft"):
                pair = sorted((_luminance(colors[text]), _luminance(colors[ground])))
                assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (text, ground, scheme)


BROWSER = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars"),
    *("--enable-logging=stderr", "--virtual-time-budget=5000", "--dump-dom"),
)
# The page itself runs no script; a page around it can read its layout.
AROUND = """<!doctype html><body><iframe src="/page" width="360" height="700"></iframe><script>
document.querySelector("iframe").onload = event => {
  const page = event.target.contentDocument
  for (const one of page.querySelectorAll("details")) one.open = true
  const found = {
    wide: page.documentElement.scrollWidth, scripts: page.scripts.length, title: page.title,
    ground: event.target.contentWindow.getComputedStyle(page.body).backgroundColor,
  }
  document.body.textContent = "found " + JSON.stringify(found) + " end"
}</script>"""


@pytest.fixture
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("browser")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def browse(url: str, profile: Path, *flags: str) -> tuple[str, list[str]]:
    """Return the page as the browser parsed it, and the errors of its console."""
    command = ["chromium", *BROWSER, *flags, f"--user-data-dir={profile}", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def as_html(page: str) -> bytes:
    return json_answer(page.encode(), b"Content-Type: text/html; charset=utf-8")


def look(page: str, profile: Path, *flags: str) -> tuple[Mapping[str, object], list[str]]:
    """Return the layout of the page on a phone, and the errors of its console."""
    script: dict[bytes, Answer] = {
        b"/": as_html(AROUND),
        b"/page": as_html(page),
        b"/favicon.ico": json_answer(b""),
    }

    async def main() -> tuple[str, list[str]]:
        async with scripted(script) as server:
            return await asyncio.to_thread(browse, f"{server.url}/", profile, *flags)

    dom, complaints = asyncio.run(main())
    found = re.search(r"found (\{.*\}) end", dom)
    assert found, dom
    return json.loads(found[1].replace("&amp;", "&")), complaints


@pytest.mark.extra
@pytest.mark.parametrize(
    ("flags", "ground"),
    [
        (["--blink-settings=preferredColorScheme=1"], "rgb(255, 255, 255)"),
        (["--blink-settings=preferredColorScheme=0"], "rgb(21, 24, 28)"),
    ],
    ids=["light", "dark"],
)
def test_the_page_fits_a_phone_in_light_and_dark_without_a_complaint(
    page: str, profile: Path, flags: list[str], ground: str
) -> None:
    found, complaints = look(page, profile, *flags)
    assert found == {"wide": 360, "scripts": 0, "title": "boomtalk run: failed", "ground": ground}
    assert complaints == []


@pytest.mark.extra
def test_a_script_in_the_page_would_be_noticed(page: str, profile: Path) -> None:
    bad = page.replace("<body>", "<body><script>alert(7)</script>")
    found, complaints = look(bad, profile)
    assert found["scripts"] == 1
    assert any("Content Security Policy" in line for line in complaints)

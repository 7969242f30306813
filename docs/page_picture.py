"""Take docs/page.png: the live page in the middle of a real run of the demo; needs Chromium."""

from __future__ import annotations

import base64
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from boomtalk.examples import DEMO_CASE
from boomtalk.examples.target import target_process

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.page.browser import Tab, browser
from tests.support.boomtalk_cli import started
from tests.support.waiting import wait_until

SECONDS = 12
WIDTH, HEIGHT = 1200, 900


def take(tab: Tab, url: str) -> bytes:
    tab.open(url, WIDTH)
    # The page is drawn a moment after a second has come.
    drawn = "Number((document.getElementById('to') || {}).value || 0)"
    wait_until(lambda: tab.ask(drawn) >= SECONDS, "the middle of the run", 60)
    shot = tab.do("Page.captureScreenshot", format="png")
    return base64.b64decode(shot["data"])


def main() -> None:
    load = (
        "-u",
        "50",
        "--max-rps",
        "400",
        "-d",
        "2m",
        "--threshold",
        "p(95)<300",
        "--name",
        "shop",
    )
    with target_process() as target, TemporaryDirectory() as profile, browser(Path(profile)) as tab:
        words = ("boom", str(DEMO_CASE), "--base-url", target.url, *load, "--no-out", "--web", "0")
        with started((*words, "-q")) as running:
            running.wait_for("live page")
            found = re.search(r"http://\S+", running.err)
            assert found, running.err
            picture = take(tab, found[0])
            running.interrupt()
            running.wait()
    Path(__file__).with_name("page.png").write_bytes(picture)


if __name__ == "__main__":
    main()

"""Provide one recorded run for all tests of the page, and the browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest
from boomtalk.examples.target import target_process

from tests.support.boomtalk_cli import run_cli

from .browser import Tab, browser
from .recorded import HOSTILE, Run

CASE = {
    "config": {"name": "shop", "parameters": {"item": [1, 2, 3, 4]}},
    "teststeps": [
        {
            "name": "items",
            "request": {"method": "GET", "url": "/api/items?x=${sign($item)}"},
            "validate": [{"eq": ["status_code", 200]}],
        },
        {"name": "t", "transaction": {"name": "buying", "type": "start"}},
        {
            "name": f"pay {HOSTILE}",
            "request": {"method": "POST", "url": "/echo", "json": {"text": HOSTILE}},
            "validate": [{"lt": ["$item", 4, HOSTILE]}],
        },
        {"name": "last", "request": {"method": "GET", "url": "/delay/0.01"}},
    ],
}
PLUGIN = """
def sign(item):
    if item == 3:
        raise ValueError("</script><b>no</b>")
    return f"s{item}"
"""


@pytest.fixture(scope="package")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    (folder / "case.json").write_text(json.dumps(CASE))
    (folder / "debugtalk.py").write_text(PLUGIN)
    made = Run(folder / "out", folder / "page.html")
    load = ("-u", "4", "--warmup", "1s", "-d", "3.4s", "--max-rps", "150", "--name", HOSTILE)
    told = ("--threshold", "error_rate<90%", "--threshold", "p(95)<0.001", "--tag", "a=<b>", "-q")
    files = ("--out", made.directory, "--html", made.page)
    with target_process() as target:
        words = (*load, *told, *files, "--base-url", target.url)
        ended = run_cli("boom", "case.json", *words, cwd=folder)
    assert ended.code == 1, ended
    return made


@pytest.fixture(scope="package")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    profile = tmp_path_factory.mktemp("browser")
    with browser(profile) as opened:
        yield opened
    shutil.rmtree(profile, ignore_errors=True)

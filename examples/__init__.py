"""Provide the example projects, and the target server that `boomtalk demo` load-tests."""

from pathlib import Path

DEMO = Path(__file__).with_name("demo")
DEMO_CASE = DEMO / "testcases" / "shop.yml"

"""The example project and the target server that `boomtalk demo` runs it against."""

from pathlib import Path

DEMO = Path(__file__).with_name("demo")
DEMO_CASE = DEMO / "testcases" / "shop.yml"

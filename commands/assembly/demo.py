"""The demo: a load test of the shipped example, and a target server for it."""

from __future__ import annotations

from typing import NoReturn

from boomtalk.examples import DEMO_CASE
from boomtalk.examples.target import target_process

from ..flags.demo import DemoFlags
from ..flags.load import LoadFlags
from ..flags.output import LiveConsoleFlags, LoadOutputFlags
from ..flags.plugin import PluginRunFlags
from ..flags.shards import ShardFlags
from ..flags.target import TargetFlags
from ..flags.verdict import VerdictFlags
from .load_run import load_and_exit
from .load_test import LoadTest


def demo_and_exit(flags: DemoFlags) -> NoReturn:
    """Load-test the shipped example against a target server of its own, and exit."""
    with target_process() as target:
        load_and_exit(
            LoadTest(
                [str(DEMO_CASE)],
                LoadFlags(users=flags.users, duration=flags.duration),
                TargetFlags(base_url=target.url),
                PluginRunFlags(),
                ShardFlags(),
                VerdictFlags(),
                LoadOutputFlags(json=flags.json, name="demo"),
                LiveConsoleFlags(plain=flags.plain, no_color=flags.no_color),
            )
        )

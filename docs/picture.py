"""Draw docs/demo.svg: the live screen in the middle of a real run of the demo."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import uvloop
from boomtalk.engine import Load, Ramp, RunSettings, load_cases
from boomtalk.engine.load.run import Run
from boomtalk.engine.report.live import LiveScreen
from boomtalk.examples import DEMO_CASE
from boomtalk.examples.target import target_process
from boomtalk.plugins import PluginPool
from rich.console import Console

SECONDS = 24.0
WIDTH, HEIGHT = 120, 32


async def draw(url: str) -> None:
    loaded = load_cases([DEMO_CASE])
    async with PluginPool() as plugins:
        load = Load(Ramp(60, 5.0), duration=SECONDS)
        run = Run(loaded.cases, load, RunSettings(base_url=url), plugins=plugins)
        await run.prepare()
        screen = LiveScreen(run, "demo", has_keys=True)
        running = asyncio.create_task(run.execute())
        for _ in range(15):
            await asyncio.sleep(1.2)
            frame = screen.frame(WIDTH, HEIGHT)
        console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
        console.print(frame)
        console.save_svg(str(Path(__file__).with_name("demo.svg")), title="boomtalk demo")
        await running


if __name__ == "__main__":
    with target_process() as target:
        uvloop.run(draw(target.url))

"""The Plugin flags: the process that runs a project's debugtalk.py or debugtalk.bin."""

from __future__ import annotations

from typing import Any

from boomtalk.plugins.options import PluginOptions

from . import parsers
from .group import FlagGroup, Panel

flag = Panel("Plugin").flag


def python_flag() -> Any:
    return flag(
        "--python",
        "PATH",
        "Interpreter or venv for debugtalk.py; default: the project's .venv, else ~/.hrp/venv, else"
        " boomtalk's own.",
    )


class PluginFlags(FlagGroup):
    """The plugin processes of a run."""

    python: str | None = python_flag()
    plugin_timeout: float = flag(
        "--plugin-timeout",
        "TIME",
        "Longest time of one call of a plugin function.",
        default="30s",
        parse=parsers.duration,
    )
    plugin_start_timeout: float = flag(
        "--plugin-start-timeout",
        "TIME",
        "Longest time for starting a plugin: for importing debugtalk.py.",
        default="30s",
        parse=parsers.duration,
    )
    plugin_threads: int = flag(
        "--plugin-threads",
        "N",
        "Long calls that run at the same time in a plugin; 1: one after the other.",
        default=32,
        min=1,
    )
    plugin_memory: int | None = flag(
        "--plugin-memory",
        "SIZE",
        "Replace a plugin process that uses more memory (512m, 1g), between calls.",
        parse=parsers.size,
    )

    @property
    def options(self) -> PluginOptions:
        return PluginOptions(
            python=self.python,
            call_timeout=self.plugin_timeout,
            start_timeout=self.plugin_start_timeout,
            threads=self.plugin_threads,
            memory_cap=self.plugin_memory,
        )


class PluginRunFlags(PluginFlags):
    """The plugin processes of a run that goes on for a while."""

    on_plugin_loss: str = flag(
        "--on-plugin-loss",
        "stop|continue",
        "What to do after a plugin is given up: end the run, or fail only the steps that call it.",
        default="stop",
        parse=parsers.choice("stop", "continue"),
    )

    @property
    def stop_on_loss(self) -> bool:
        return self.on_plugin_loss == "stop"

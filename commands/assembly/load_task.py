"""The part of a load test that any process can do: cases, load and settings."""

from __future__ import annotations

from boomtalk.engine.load.shape import Load
from boomtalk.engine.settings import RunSettings
from boomtalk.plugins import PluginOptions
from msgspec import Struct

from .case_files import CaseFiles


class LoadTask(Struct, frozen=True):
    """The cases, their load and settings, as the process that runs them finds the files.

    `version` is that of the boomtalk which made the task.
    """

    files: CaseFiles
    load: Load
    settings: RunSettings
    plugins: PluginOptions
    log_level: str
    version: str

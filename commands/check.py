"""`boomtalk check`."""

from __future__ import annotations

import sys

from .flags import (
    BaseUrl,
    Env,
    EnvFile,
    LogFile,
    LogLevel,
    NoColor,
    Paths,
    PluginStartTimeout,
    Python,
    Quiet,
)
from .functional_test import FunctionalTest, check_functional
from .voices import Screen


def check(
    paths: Paths,
    base_url: BaseUrl = None,
    env: Env = None,
    env_file: EnvFile = None,
    python: Python = None,
    plugin_start_timeout: PluginStartTimeout = "30s",  # type: ignore[assignment]
    quiet: Quiet = False,
    no_color: NoColor = False,
    log_level: LogLevel = "warning",
    log_file: LogFile = None,
) -> None:
    """Load and compile everything, with plugins and data files; send nothing."""
    import uvloop
    from boomtalk.engine import HttpOptions
    from boomtalk.plugins import PluginOptions

    test = FunctionalTest(
        paths=paths,
        environment=dict(pair.split("=", 1) for pair in env or ()),
        env_file=env_file,
        base_url=base_url,
        http=HttpOptions(),
        plugins=PluginOptions(python=python, start_timeout=plugin_start_timeout),
        screen=Screen(True, quiet, no_color, log_level, log_file),
    )
    sys.exit(uvloop.run(check_functional(test)))

"""The work of the commands: engine, plugins, screen and files wired up from flags.

The names are imported when they are first asked for: the engine takes longer to import than
`--help` and the completion of flags may take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boomtalk.engine.lazy import lazy_names

if TYPE_CHECKING:
    from .comparing import compare_runs as compare_runs
    from .converting import convert_files as convert_files
    from .demo import demo_and_exit as demo_and_exit
    from .diagnosis import diagnose as diagnose
    from .functional_test import FunctionalTest as FunctionalTest
    from .functional_test import check_and_exit as check_and_exit
    from .functional_test import run_and_exit as run_and_exit
    from .limit_search import LimitSearch as LimitSearch
    from .limit_search import search_and_exit as search_and_exit
    from .load_run import load_and_exit as load_and_exit
    from .load_test import LoadTest as LoadTest
    from .new_project import make_project as make_project
    from .rendering import render_run as render_run
    from .schemas import editor_schemas as editor_schemas
    from .schemas import print_schema as print_schema
    from .target_server import serve_target as serve_target

_MODULES = {
    "compare_runs": "comparing",
    "convert_files": "converting",
    "demo_and_exit": "demo",
    "diagnose": "diagnosis",
    "editor_schemas": "schemas",
    "print_schema": "schemas",
    "FunctionalTest": "functional_test",
    "check_and_exit": "functional_test",
    "run_and_exit": "functional_test",
    "LimitSearch": "limit_search",
    "search_and_exit": "limit_search",
    "load_and_exit": "load_run",
    "LoadTest": "load_test",
    "make_project": "new_project",
    "render_run": "rendering",
    "serve_target": "target_server",
}
__all__ = sorted(_MODULES)
__getattr__ = lazy_names(__name__, _MODULES)

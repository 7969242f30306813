"""The parts of a load test that only some flags ask for; each is imported when it is asked for.

They must be asked for before the load: at its end, hours later, the files may be gone or of
another version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boomtalk.engine.lazy import lazy_names

if TYPE_CHECKING:
    from .baseline import baseline_of as baseline_of
    from .live_page import live_page as live_page
    from .load_screen import load_screen as load_screen
    from .record_page import record_page as record_page
    from .shards import check_shards as check_shards
    from .shards import sharded as sharded

_MODULES = {
    "baseline_of": "baseline",
    "live_page": "live_page",
    "load_screen": "load_screen",
    "record_page": "record_page",
    "check_shards": "shards",
    "sharded": "shards",
}
__all__ = sorted(_MODULES)
__getattr__ = lazy_names("boomtalk.commands.assembly", _MODULES)

"""Define the settings of a run: its target, its thresholds, and the reasons to end it early."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from .http.options import HttpOptions
from .measure.thresholds import Threshold


class RunSettings(Struct, frozen=True, kw_only=True):
    """All settings of a run except its load.

    `base_url` replaces the base URL of all cases. A plugin that is given up ends the run unless
    `stop_on_plugin_loss` is False. Unique parameter rows end the load when they are used up, or
    start again with `recycle_rows`. `abort_on_threshold` ends the load as soon as a threshold is
    broken for good. `id_header` names the header that carries the id of each request.
    `share` is (index, number) of this engine among the shards of a load.
    """

    http: HttpOptions = field(default_factory=HttpOptions)
    base_url: str | None = None
    stop_on_plugin_loss: bool = True
    recycle_rows: bool = False
    thresholds: Sequence[Threshold | str] = ()
    abort_on_threshold: bool = False
    id_header: str | None = None
    share: tuple[int, int] = (0, 1)

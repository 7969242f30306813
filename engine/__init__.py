"""The load engine: cases in, a report whose numbers add up out."""

from .case.loader import load_cases
from .errors import BoomtalkError, CaseError, PluginCallError, PluginStartError, StepFailed
from .http.options import HttpOptions
from .load.pacing import Load
from .load.run import Outcome, Run, run_load
from .measure.snapshot import Snapshot

__all__ = [
    "BoomtalkError",
    "CaseError",
    "HttpOptions",
    "Load",
    "Outcome",
    "PluginCallError",
    "PluginStartError",
    "Run",
    "Snapshot",
    "StepFailed",
    "load_cases",
    "run_load",
]

"""The load engine: cases in, a report whose numbers add up out."""

from .case.loader import load_cases
from .errors import BoomtalkError, CaseError, PluginCallError, PluginStartError, StepFailed
from .http.options import HttpOptions
from .load.run import Outcome, Run, run_load
from .load.shape import ArrivalRate, Load, Ramp, Stage, Stages
from .measure.snapshot import Snapshot

__all__ = [
    "ArrivalRate",
    "BoomtalkError",
    "CaseError",
    "HttpOptions",
    "Load",
    "Outcome",
    "PluginCallError",
    "PluginStartError",
    "Ramp",
    "Run",
    "Snapshot",
    "Stage",
    "Stages",
    "StepFailed",
    "load_cases",
    "run_load",
]

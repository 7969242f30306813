"""The load engine: cases in, a report whose numbers add up out.

The names are imported when they are first asked for, so that a program that needs one module of
the engine does not wait for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lazy import lazy_names

if TYPE_CHECKING:
    from .case.loader import load_cases as load_cases
    from .errors import BoomtalkError as BoomtalkError
    from .errors import CaseError as CaseError
    from .errors import PluginCallError as PluginCallError
    from .errors import PluginStartError as PluginStartError
    from .errors import StepFailed as StepFailed
    from .http.options import HttpOptions as HttpOptions
    from .load.load_run import Outcome as Outcome
    from .load.run import Run as Run
    from .load.run import run_load as run_load
    from .load.shape import ArrivalRate as ArrivalRate
    from .load.shape import Load as Load
    from .load.shape import Ramp as Ramp
    from .load.shape import Stage as Stage
    from .load.shape import Stages as Stages
    from .measure.snapshot import Snapshot as Snapshot
    from .settings import RunSettings as RunSettings

_MODULES = {
    "load_cases": "case.loader",
    "BoomtalkError": "errors",
    "CaseError": "errors",
    "PluginCallError": "errors",
    "PluginStartError": "errors",
    "StepFailed": "errors",
    "HttpOptions": "http.options",
    "Outcome": "load.load_run",
    "Run": "load.run",
    "run_load": "load.run",
    "ArrivalRate": "load.shape",
    "Load": "load.shape",
    "Ramp": "load.shape",
    "Stage": "load.shape",
    "Stages": "load.shape",
    "Snapshot": "measure.snapshot",
    "RunSettings": "settings",
}
__all__ = sorted(_MODULES)

__getattr__ = lazy_names(__name__, _MODULES)

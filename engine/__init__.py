"""The load engine: cases in, a report whose numbers add up out.

The names are the Python API (docs/api.md). They are imported when they are first asked for, so
that a program that needs one module of the engine does not wait for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lazy import lazy_names

if TYPE_CHECKING:
    from .api.outcome import Outcome as Outcome
    from .api.run import Run as Run
    from .api.run import run_load as run_load
    from .case.loader import Loaded as Loaded
    from .case.loader import load_cases as load_cases
    from .case.model import Case as Case
    from .errors import BoomtalkError as BoomtalkError
    from .errors import CaseError as CaseError
    from .errors import PluginCallError as PluginCallError
    from .errors import PluginStartError as PluginStartError
    from .errors import ResultsError as ResultsError
    from .errors import StepFailed as StepFailed
    from .errors import UsageError as UsageError
    from .http.options import HttpOptions as HttpOptions
    from .load.shape import ArrivalRate as ArrivalRate
    from .load.shape import Load as Load
    from .load.shape import Ramp as Ramp
    from .load.shape import Stage as Stage
    from .load.shape import Stages as Stages
    from .measure.snapshot import Second as Second
    from .measure.snapshot import Snapshot as Snapshot
    from .measure.thresholds import Verdict as Verdict
    from .report.json_rows import second_as_dict as second_as_dict
    from .settings import RunSettings as RunSettings

_MODULES = {
    "Outcome": "api.outcome",
    "Run": "api.run",
    "run_load": "api.run",
    "Loaded": "case.loader",
    "load_cases": "case.loader",
    "Case": "case.model",
    "BoomtalkError": "errors",
    "CaseError": "errors",
    "PluginCallError": "errors",
    "PluginStartError": "errors",
    "ResultsError": "errors",
    "StepFailed": "errors",
    "UsageError": "errors",
    "HttpOptions": "http.options",
    "ArrivalRate": "load.shape",
    "Load": "load.shape",
    "Ramp": "load.shape",
    "Stage": "load.shape",
    "Stages": "load.shape",
    "Second": "measure.snapshot",
    "Snapshot": "measure.snapshot",
    "Verdict": "measure.thresholds",
    "second_as_dict": "report.json_rows",
    "RunSettings": "settings",
}
__all__ = sorted(_MODULES)

__getattr__ = lazy_names(__name__, _MODULES)

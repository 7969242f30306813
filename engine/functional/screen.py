"""This module shows a functional run while it goes: a line per step, all of a failure at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from ..http.brief import BriefRequest
from ..output.curl import curl_of
from ..output.format import count, harmless, milliseconds
from ..output.masking import Mask
from ..scenario.functional_trace import Trace
from ..values.assertions import CheckResult
from ..values.text import beginning, json_text, shortened, to_text
from .results import Results, RowResult
from .summary import notes_of, reason_of, request_of, response_of

_MOST = 4000
_LONGEST = 16_000


class RunScreen:
    """Prints rows and steps; with `verbose` also requests and responses of passed steps.

    The secrets among a row's variables are masked from when they are known to the end of the row.
    """

    def __init__(self, console: Console, mask: Mask, verbose: bool = False) -> None:
        self._console = console
        self._mask = self._known = mask
        self._verbose = verbose

    def begin(self, result: RowResult) -> None:
        self._known = self._mask.knowing(result.variables).knowing(result.row)
        row = ""
        if result.row:
            row = "  " + shortened(self._known.values_of(beginning(result.row, _LONGEST)))
        self._console.print(
            Text.assemble((self._safe(result.title), "bold"), (self._safe(row), "dim"))
        )

    def step(self, trace: Trace) -> None:
        self._known = self._known.knowing(trace.extracted)
        mark, style = _mark(trace)
        line = Text.assemble(
            (f"  {mark:<7} ", style),
            self._safe(trace.name),
            (f"{_status(trace)}  {milliseconds(trace.elapsed)} ms", "dim"),
        )
        self._console.print(line, soft_wrap=True)
        for note in notes_of(trace):
            self._print(f"          {note}", "yellow")
        if trace.failure is not None:
            self._explain(trace)
        elif self._verbose:
            self._dump(trace)

    def end(self, result: RowResult) -> None:
        if result.failure is not None:
            self._print(f"  failed  {result.failure.message}", "red")

    def close(self, results: Results) -> None:
        """Print the totals."""
        steps = [trace for row in results.rows for trace in row.traces]
        good = sum(row.passed for row in results.rows)
        failed = sum(not trace.passed for trace in steps)
        skipped = sum(trace.skipped for trace in steps)
        self._console.print(
            Text.assemble(
                _verdict(results),
                f"  cases: {count(good)} of {count(len(results.rows))} passed",
                f"   steps: {count(len(steps) - failed - skipped)} passed, {count(failed)} failed",
                f", {count(skipped)} skipped" if skipped else "",
                f"   {results.duration:.1f} s",
            )
        )

    def _explain(self, trace: Trace) -> None:
        """Print why a step failed, and a curl command that sends its request again."""
        failed = [verdict for verdict in trace.checks if verdict.failure is not None]
        if not any(verdict.failure is trace.failure for verdict in failed):
            for line in reason_of(trace, self._known).splitlines():
                self._print(f"          {line}", "red")
        for verdict in failed:
            self._print_check(verdict)
        self._dump(trace)
        if trace.request is not None:
            brief = BriefRequest.of(trace.request, trace.cookies)
            self._print(f"          {curl_of(brief, self._known)}", "cyan")

    def _print_check(self, verdict: CheckResult) -> None:
        assert verdict.failure is not None
        self._print(f"          check    {verdict.text} {verdict.assertion}", "red")
        if verdict.failure.kind != "check":
            self._print(f"          failed   {verdict.failure.message}", "red")
            return
        for title, value in (("expected", verdict.expected), ("actual", verdict.actual)):
            self._print(f"          {title:<8} {shortened(self._tree(value, verdict.text))}")
        if verdict.note:
            self._print(f"          {verdict.note}")
        if verdict.message:
            self._print(f"          {verdict.message}")

    def _dump(self, trace: Trace) -> None:
        if (request := request_of(trace)) is not None:
            self._print(f"          > {request['method']} {request['url']}", "dim")
            self._dump_message(">", request)
        if (response := response_of(trace)) is not None:
            self._print(f"          < {response['status_code']} {response['proto']}", "dim")
            self._dump_message("<", response)

    def _dump_message(self, mark: str, message: Mapping[str, Any]) -> None:
        for name, value in message["headers"].items():
            self._print(f"          {mark} {name}: {self._tree(value, name)}", "dim")
        if message["body"] not in (None, "", b""):
            body = self._tree(message["body"])
            text = body if isinstance(body, str) else json_text(body)
            self._print(f"          {mark} {to_text(text)}", "dim")

    def _tree(self, value: Any, name: str = "") -> Any:
        # Cut before masking, which takes long on megabytes, and again where it is printed.
        return self._known.tree(beginning(value, _LONGEST), name)

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(Text(self._safe(text), style=style), soft_wrap=True)

    def _safe(self, text: str) -> str:
        return harmless(self._known.text(text[:_LONGEST]), _MOST)


def _verdict(results: Results) -> tuple[str, str]:
    """Return the word for all rows, and its style."""
    if results.interrupted:
        return "interrupted", "bold red"
    if not results.passed:
        return "failed", "bold red"
    return ("nothing sent", "bold yellow") if results.sent_nothing else ("ok", "bold green")


def _mark(trace: Trace) -> tuple[str, str]:
    if trace.skipped:
        return "skipped", "yellow"
    return ("ok", "green") if trace.passed else ("failed", "bold red")


def _status(trace: Trace) -> str:
    """Return the status of the response, if there is one."""
    status = trace.response.status if trace.response is not None else 0
    return f"  {status}" if status else ""


class Silence:
    """Prints nothing: the screen of a quiet run."""

    def begin(self, result: RowResult) -> None:
        pass

    def step(self, trace: Trace) -> None:
        pass

    def end(self, result: RowResult) -> None:
        pass

    def close(self, results: Results) -> None:
        pass

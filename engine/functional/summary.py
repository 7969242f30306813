"""This module makes the JSON summary of a functional run, under HttpRunner's names."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..http.cookies import by_name
from ..http.response import Response
from ..http.websocket import Message
from ..output.masking import Mask
from ..output.reasons import in_words
from ..scenario.functional_trace import Trace
from ..scenario.hooks import describe_request
from ..values.assertions import CheckResult
from ..values.text import presentable
from .results import Results, RowResult

_STEP_TYPES = {"think_time": "thinktime"}  # hrp's spelling


def summary_of(results: Results, version: str, mask: Mask) -> dict[str, Any]:
    """Return the summary as plain values, with secrets masked."""
    details = [_detail(row, mask) for row in results.rows]
    good = sum(detail["success"] for detail in details)
    stats = [detail["stat"] for detail in details]
    return {
        "success": results.passed and not results.interrupted,
        "stat": {
            "testcases": {"total": len(details), "success": good, "fail": len(details) - good},
            "teststeps": {
                key: sum(stat[key] for stat in stats) for key in ("total", "successes", "failures")
            },
        },
        "time": _time(results.started_at, results.duration),
        "platform": {
            "boomtalk_version": version,
            "python_version": platform.python_version(),
            "platform": platform.platform(),
        },
        "details": details,
    }


def with_exports(summary: Mapping[str, Any], results: Results, mask: Mask) -> dict[str, Any]:
    """Return the summary with the values that the author exports as they are.

    A platform reads them there. Values of `.env` and `-e` are masked all the same.
    """
    details = [
        {**detail, "in_out": {**detail["in_out"], "export_vars": _exported(row, mask)}}
        for detail, row in zip(summary["details"], results.rows, strict=True)
    ]
    return {**summary, "details": details}


def _exported(row: RowResult, mask: Mask) -> Any:
    return mask.by_value.tree(presentable(row.exports))


def _known_in(row: RowResult, mask: Mask) -> Mask:
    """Return the mask for a row: it knows the secrets among the row's variables."""
    extracted = (trace.extracted for trace in row.traces)
    for variables in (row.variables, row.row, *extracted):
        mask = mask.knowing(variables)
    return mask


def _detail(row: RowResult, mask: Mask) -> dict[str, Any]:
    mask = _known_in(row, mask)
    failed = sum(not trace.passed for trace in row.traces)
    detail = {
        "name": mask.text(row.title),
        "success": row.passed,
        "stat": {
            "total": len(row.traces),
            "successes": len(row.traces) - failed,
            "failures": failed,
        },
        "time": _time(row.started_at, row.duration),
        "in_out": {
            "config_vars": mask.values_of(presentable({**row.variables, **row.row})),
            "export_vars": mask.values_of(presentable(row.exports)),
        },
        "records": [_record(trace, mask) for trace in row.traces],
    }
    if row.failure is not None:
        detail["attachments"] = mask.message(row.failure.message)
    return detail


def _record(trace: Trace, mask: Mask) -> dict[str, Any]:
    record: dict[str, Any] = {
        "name": mask.text(trace.name),
        "start_time": int(trace.started_at),
        "step_type": _step_type(trace.type),
        "success": trace.passed,
        "elapsed_ms": round(trace.elapsed * 1000, 3),
        "content_size": len(trace.response.content) if trace.response is not None else 0,
    }
    if trace.skipped:
        record["skipped"] = True
    if (request := request_of(trace)) is not None:
        record["data"] = {
            "success": trace.passed,
            "req_resps": {
                "request": mask.tree(presentable(request)),
                "response": mask.tree(presentable(response_of(trace))),
            },
            "validators": [_validator(verdict, mask) for verdict in trace.checks],
        }
    if trace.extracted:
        record["export_vars"] = mask.values_of(presentable(trace.extracted))
    if notes := notes_of(trace):
        record["notes"] = [mask.text(note) for note in notes]
    if trace.failure is not None:
        record["attachments"] = reason_of(trace, mask)
    return record


def request_of(trace: Trace) -> dict[str, Any] | None:
    """Return the sent request as plain values, None for a step that sends nothing."""
    if trace.request is not None:
        return {**describe_request(trace.request), "cookies": by_name(trace.cookies)}
    return None if trace.sent is None else _plain(trace.sent)


def response_of(trace: Trace) -> dict[str, Any] | None:
    """Return the response as plain values, None if there is none."""
    response = trace.response
    if response is None:
        return None
    return {
        "proto": response.proto,
        "status_code": response.status,
        "headers": dict(_headers(response)),
        "cookies": dict(response.cookies),
        "body": response.body,
    }


def notes_of(trace: Trace) -> list[str]:
    """Return what explains a step, also one that passed: a body or a value that was not there."""
    notes = [f"{name} = null: {why}" for name, why in trace.missing.items() if why]
    if isinstance(trace.response, Response) and (why := _unread(trace.response)):
        notes.insert(0, f"the body says it is JSON and cannot be read: {why}")
    return notes


def _unread(response: Response) -> str | None:
    # A body is decoded when it is first looked at; a text is what could not be.
    return response.json_error if isinstance(response.body, str) else None


def reason_of(trace: Trace, mask: Mask) -> str:
    """Return why the step failed: kind, message, and traceback of user code, all masked."""
    failure = trace.failure
    if failure is None:
        return ""
    kind = f"{failure.kind} {failure.detail}".strip()
    told = f"{kind}: {in_words(failure.kind, failure.detail, mask.message(failure.message))}"
    return f"{told}\n{mask.text(failure.traceback.rstrip())}" if failure.traceback else told


def json_of(value: Any) -> bytes:
    """Return any value of a step as indented JSON; values that JSON does not have become text."""
    text = json.dumps(presentable(value), indent=2, ensure_ascii=False) + "\n"
    # JSON allows lone surrogates, but UTF-8 cannot encode them.
    return text.encode("utf-8", "backslashreplace")


def _validator(verdict: CheckResult, mask: Mask) -> dict[str, Any]:
    told = {"note": mask.text(verdict.note)} if verdict.note else {}
    return {
        "check": verdict.text,
        "assert": verdict.assertion,
        "expect": mask.tree(presentable(verdict.expected), verdict.text),
        "msg": verdict.message,
        "check_value": mask.tree(presentable(verdict.actual), verdict.text),
        "check_result": "pass" if verdict.failure is None else "fail",
        **told,
    }


def _step_type(kind: str) -> str:
    """Return HttpRunner's name of the step type, which leaves out the method or action."""
    return _STEP_TYPES.get(kind, kind.partition("-")[0])


def _headers(response: Response | Message) -> Iterable[tuple[str, str]]:
    return response.headers.items()


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        for key, value in values.items()
    }


def _time(started_at: float, duration: float) -> dict[str, Any]:
    at = datetime.fromtimestamp(started_at, UTC).isoformat(timespec="milliseconds")
    return {"start_at": at.replace("+00:00", "Z"), "duration": round(duration, 3)}

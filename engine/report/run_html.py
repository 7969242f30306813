"""A functional run as one page that needs nothing else: no script, no foreign address."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ..values.text import shortened, to_text
from .run_summary import json_of

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;
border-bottom:1px solid #ddd;vertical-align:top}
.ok{color:#18794e}.failed{color:#c0262d}.skipped{color:#777}.ms{text-align:right;white-space:nowrap}
pre{background:#f6f6f6;padding:.6rem;overflow:auto;white-space:pre-wrap;word-break:break-word}
summary{cursor:pointer}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_MOST = 20_000


def html_of(summary: Mapping[str, Any]) -> bytes:
    """Return the page of a (masked) summary."""
    cases, steps = summary["stat"]["testcases"], summary["stat"]["teststeps"]
    verdict = "ok" if summary["success"] else "failed"
    head = (
        f'<p class="{verdict}"><b>{verdict}</b>: {cases["success"]} of {cases["total"]} cases,'
        f" {steps['successes']} of {steps['total']} steps passed</p>"
        f"<p>{_text(summary['time']['start_at'])}, {summary['time']['duration']} s,"
        f" boomtalk {_text(summary['platform']['boomtalk_version'])}</p>"
    )
    body = "".join(_case(detail) for detail in summary["details"])
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>boomtalk run: {verdict}</title><style>{_STYLE}</style></head>"
        f"<body><h1>boomtalk run</h1>{head}{body}</body></html>\n"
    )
    return page.encode("utf-8", "replace")


def _case(detail: Mapping[str, Any]) -> str:
    rows = "".join(_step(record) for record in detail["records"])
    outside = _reason(detail)
    return (
        f'<h2 class="{_state(detail)}">{_text(detail["name"])}</h2>{outside}'
        "<table><thead><tr><th>result<th>step<th>ms</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _step(record: Mapping[str, Any]) -> str:
    parts = [_text(record["name"]), f" <small>{_text(record['step_type'])}</small>"]
    parts.append(_reason(record))
    if "data" in record:
        parts.append(_exchange(record["data"]))
    if "export_vars" in record:
        parts.append(_block("extracted", record["export_vars"]))
    state = _state(record)
    return (
        f'<tr><td class="{state}">{state}</td><td>{"".join(parts)}</td>'
        f'<td class="ms">{record["elapsed_ms"]:.1f}</td></tr>'
    )


def _reason(part: Mapping[str, Any]) -> str:
    return f'<p class="failed">{_text(part["attachments"])}</p>' if "attachments" in part else ""


def _exchange(data: Mapping[str, Any]) -> str:
    checks = "".join(
        f'<li class="{"ok" if one["check_result"] == "pass" else "failed"}">{_check(one)}</li>'
        for one in data["validators"]
    )
    exchange = data["req_resps"]
    blocks = _block("request", exchange["request"]) + _block("response", exchange["response"])
    return f"<ul>{checks}</ul>{blocks}" if checks else blocks


def _check(one: Mapping[str, Any]) -> str:
    told = f"{one['check']} {one['assert']} {shortened(one['expect'])}"
    if one["check_result"] != "pass":
        told += f": got {shortened(one['check_value'])}"
    return _text(f"{told} {one['msg']}")


def _block(title: str, value: Any) -> str:
    content = value if isinstance(value, str) else json_of(value).decode()
    if len(content) > _MOST:
        content = content[:_MOST] + "\n..."
    return f"<details><summary>{title}</summary><pre>{_text(content)}</pre></details>"


def _state(part: Mapping[str, Any]) -> str:
    if part.get("skipped"):
        return "skipped"
    return "ok" if part["success"] else "failed"


def _text(value: Any) -> str:
    return escape(to_text(value))

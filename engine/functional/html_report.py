"""Render a functional run as one HTML page without scripts and links to other hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ..output.format import count, harmless_lines
from ..values.text import shortened, to_text
from .summary import json_of

_STYLE = """
:root{color-scheme:light dark;--text:#1f2328;--page:#fff;--soft:#f4f5f7;--line:#d5d9de;
--muted:#5b636d;--ok:#18713f;--failed:#b8222b}
@media (prefers-color-scheme:dark){:root{--text:#e3e6ea;--page:#15181c;--soft:#1f242a;
--line:#363d45;--muted:#9aa3ad;--ok:#57cc8b;--failed:#ff8d8d}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem;
color:var(--text);background:var(--page);overflow-wrap:anywhere}
h1{font-size:1.4rem;margin:.5rem 0}
h2{font-size:1.1rem;display:inline;margin:0}
a{color:inherit}
ol,ul{list-style:none;margin:0;padding:0}
nav{border-block:1px solid var(--line);padding:.5rem 0;margin:1rem 0}
summary{cursor:pointer;padding:.25rem 0}
section{margin:1.5rem 0}
.steps>li{border-top:1px solid var(--line);padding:.25rem 0}
.about{color:var(--muted);font-size:.85rem}
.ok,.failed,.skipped{font-weight:600}
.ok{color:var(--ok)}.failed{color:var(--failed)}.skipped{color:var(--muted)}
.inside{padding-left:1.1rem}
.reason{margin:.25rem 0;color:var(--failed);white-space:pre-wrap}
table{border-collapse:collapse;margin:.25rem 0}
th{text-align:left;white-space:nowrap;font-weight:400;color:var(--muted);vertical-align:top;padding-right:1rem}
pre{background:var(--soft);padding:.6rem;margin:.25rem 0;border-radius:4px;max-height:30rem;
overflow:auto;white-space:pre-wrap;font:13px/1.45 ui-monospace,monospace}
"""
# If text from outside ever got into the page unescaped, the browser would still run nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_MOST = 20_000
_CLASSES = {"ok": "ok", "failed": "failed", "nothing sent": "skipped"}


def html_of(summary: Mapping[str, Any]) -> bytes:
    """Return the page for a summary, which must be masked already."""
    records = [record for detail in summary["details"] for record in detail["records"]]
    sent_nothing = summary["success"] and not any("data" in record for record in records)
    verdict = "nothing sent" if sent_nothing else _state(summary)
    details = list(enumerate(summary["details"], 1))
    contents = "".join(_entry(number, detail) for number, detail in details)
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>boomtalk run: {verdict}</title><style>{_STYLE}</style></head>"
        f'<body><h1>boomtalk run: <span class="{_CLASSES[verdict]}">{verdict}</span></h1>'
        + _about(summary, records)
        + (f"<nav><ol>{contents}</ol></nav>" if len(details) > 1 else "")
        + "".join(_case(number, detail) for number, detail in details)
        + "</body></html>\n"
    )
    return page.encode("utf-8", "replace")


def _about(summary: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> str:
    cases, time = summary["stat"]["testcases"], summary["time"]
    version = summary["platform"]["boomtalk_version"]
    told = (
        f"{cases['success']} of {cases['total']} cases passed; steps: {_counts(records)}",
        f"{time['start_at']}, {time['duration']} s, boomtalk {version}",
    )
    return "".join(f'<p class="about">{_text(line)}</p>' for line in told)


def _counts(records: Iterable[Mapping[str, Any]]) -> str:
    states = [_state(record) for record in records]
    told = f"{count(states.count('ok'))} passed, {count(states.count('failed'))} failed"
    skipped = states.count("skipped")
    return told + (f", {count(skipped)} skipped" if skipped else "")


def _entry(number: int, detail: Mapping[str, Any]) -> str:
    return f'<li>{_mark(detail)} <a href="#case-{number}">{_text(detail["name"])}</a></li>'


def _case(number: int, detail: Mapping[str, Any]) -> str:
    """Return one case with one row; it is unfolded if something in it failed."""
    about = f"{_counts(detail['records'])}; {detail['time']['duration']} s"
    steps = "".join(f"<li>{_step(record)}</li>" for record in detail["records"])
    return (
        f'<section id="case-{number}"><details{_open(detail)}>'
        f"<summary>{_mark(detail)} <h2>{_text(detail['name'])}</h2>"
        f' <span class="about">{about}</span></summary>'
        f'<div class="inside">{_reason(detail)}<ol class="steps">{steps}</ol>'
        f"{_values('variables', detail['in_out']['config_vars'])}"
        f"{_values('exported', detail['in_out']['export_vars'])}</div></details></section>"
    )


def _step(record: Mapping[str, Any]) -> str:
    head = (
        f"{_mark(record)} {_text(record['name'])}"
        f' <span class="about">{_text(record["step_type"])},{_status(record)}'
        f" {record['elapsed_ms']:.1f} ms</span>"
    )
    body = "".join(_parts(record))
    if not body:
        return head
    return (
        f"<details{_open(record)}><summary>{head}</summary>"
        f'<div class="inside">{body}</div></details>'
    )


def _status(record: Mapping[str, Any]) -> str:
    """Return the status of the response, if there is one."""
    response = record.get("data", {"req_resps": {}})["req_resps"].get("response")
    return f" {response['status_code']}," if response and response["status_code"] else ""


def _parts(record: Mapping[str, Any]) -> Iterable[str]:
    data = record.get("data", {"validators": (), "req_resps": {}})
    # A failed check is in the list of checks, with expected and actual value.
    if not record.get("attachments", "").startswith("check"):
        yield _reason(record)
    for note in record.get("notes", ()):
        yield f"<p>{_text(note)}</p>"
    if data["validators"]:
        yield f"<ul>{''.join(map(_check, data['validators']))}</ul>"
    for title, message in data["req_resps"].items():
        if message is not None:
            yield _block(title, _message(message))
    yield _values("extracted", record.get("export_vars"))


def _reason(part: Mapping[str, Any]) -> str:
    return f'<p class="reason">{_text(part["attachments"])}</p>' if "attachments" in part else ""


def _check(one: Mapping[str, Any]) -> str:
    message = f" ({one['msg']})" if one["msg"] else ""
    if one["check_result"] == "pass":
        told = f"{one['check']} {one['assert']} {shortened(one['expect'])}{message}"
        return f"<li>{_mark({'success': True})} {_text(told)}</li>"
    rows = "".join(
        f"<tr><th>{title}</th><td>{_text(shortened(one[key]))}</td></tr>"
        for title, key in (("expected", "expect"), ("actual", "check_value"))
    )
    rows += f"<tr><th></th><td>{_text(one['note'])}</td></tr>" if "note" in one else ""
    told = _text(f"{one['check']} {one['assert']}{message}")
    return f'<li>{_mark({"success": False})} {told}<table class="inside">{rows}</table></li>'


def _message(message: Mapping[str, Any]) -> str:
    """Return a request or a response as text, nearly as it was sent."""
    if "headers" not in message:
        return json_of(message).decode()
    first = [message[key] for key in ("method", "url", "proto", "status_code") if key in message]
    lines = [" ".join(map(to_text, first))]
    lines += [f"{name}: {to_text(value)}" for name, value in message["headers"].items()]
    if message.get("cookies"):  # an action on a websocket sends none
        lines.append(f"cookies: {to_text(message['cookies'])}")
    if message["body"] not in (None, "", b""):
        lines += ["", _readable(message["body"])]
    return "\n".join(lines)


def _readable(value: Any) -> str:
    return value if isinstance(value, str) else json_of(value).decode().rstrip()


def _values(title: str, values: Mapping[str, Any] | None) -> str:
    return _block(title, _readable(values)) if values else ""


def _block(title: str, content: str) -> str:
    if len(content) > _MOST:
        content = f"{content[:_MOST]}\n… {count(len(content) - _MOST)} more characters"
    return f"<details><summary>{title}</summary><pre>{_text(content)}</pre></details>"


def _state(part: Mapping[str, Any]) -> str:
    if part.get("skipped"):
        return "skipped"
    return "ok" if part["success"] else "failed"


def _mark(part: Mapping[str, Any]) -> str:
    state = _state(part)
    return f'<span class="{state}">{state}</span>'


def _open(part: Mapping[str, Any]) -> str:
    return "" if part["success"] else " open"


def _text(value: Any) -> str:
    return escape(harmless_lines(to_text(value)))

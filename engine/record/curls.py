"""Print kept requests as curl commands that send them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..output.format import harmless, shown_ms


def curls_of(samples: Iterable[Mapping[str, Any]], most: int) -> Iterator[str]:
    """Yield a comment and a curl command for each request, failed ones before slow ones."""
    wanted = sorted(samples, key=lambda sample: (sample["why"] != "failed", sample["at"]))
    shown = [sample for sample in wanted if sample["curl"]][:most]
    if not shown:
        yield "# no request was kept"
    for sample in shown:
        yield f"# {_about(sample)}"
        yield str(sample["curl"])


def _about(sample: Mapping[str, Any]) -> str:
    where = f"{sample['case']} / {sample['step']} at {sample['at']:.3f} s"
    kind = f"{sample['kind']} {sample['detail']}".strip()
    if sample["why"] == "failed":
        return harmless(f"{where}: {kind}: {sample['message']}")
    return harmless(f"{where}: slow: {shown_ms(sample['latency_ms'])} ms")

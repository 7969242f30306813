"""Write a case as YAML that is pleasant to read: blocks, few quotes, checks on one line."""

from __future__ import annotations

from typing import Any

import yaml

from ..case.yaml_source import scalar

_LONGEST_BLOCK = 20_000


class Inline(list[Any]):
    """A list that is written on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        # PyYAML would not indent lists below their key.
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True  # anchors and aliases for equal values would be hard to read


def yaml_text(tree: Any) -> str:
    """Return the tree as YAML that gives the same values when it is read as a case file."""
    text: str = yaml.dump(
        tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf")
    )
    return text


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    """Return the style of a text: quotes, "|" for a block, or None to let PyYAML choose."""
    if "\n" in text:
        return "|" if len(text) < _LONGEST_BLOCK else '"'
    # The loader of cases reads some texts as numbers that PyYAML does not, such as 1e3.
    return "'" if not text or scalar(text) != text else None


def _inline(dumper: _Dumper, items: Inline) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Inline, _inline)

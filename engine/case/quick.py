"""This module makes a case of a URL: one GET, without a file."""

from __future__ import annotations

from pathlib import Path

from ..errors import Place
from .model import Case, Config, Project, RequestStep, Validation, Written


def is_url(text: str) -> bool:
    """Whether the text names a URL rather than a file."""
    return text.startswith(("http://", "https://"))


def case_of_url(url: str) -> Case:
    """Return a case that gets the URL and checks that its status is below 400."""
    place = Place(url)

    def written(value: object) -> Written:
        # A URL is taken as it stands: `$` in it is no expression.
        return Written(value.replace("$", "$$") if isinstance(value, str) else value, place)

    step = RequestStep(
        name=written("GET"),
        place=place,
        method=written("GET"),
        url=written(url),
        validate=(Validation(written("status_code"), "lt", written(400)),),
    )
    project = Project(Path.cwd(), None, {})
    return Case(Path("-"), project, Config(name=written(url), place=place), (step,))

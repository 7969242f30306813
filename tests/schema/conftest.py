"""Provide what judges files by the schema of case files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fastjsonschema
import pytest
from boomtalk.engine.schema.files import case_schema

Judge = Callable[[Any], bool]


def judge_of(schema: dict[str, Any]) -> Judge:
    """Return what says whether a value fits the schema."""
    validate = fastjsonschema.compile(schema, detailed_exceptions=False)

    def fits(value: Any) -> bool:
        try:
            validate(value)
        except fastjsonschema.JsonSchemaValueException:
            return False
        return True

    return fits


@pytest.fixture(scope="session")
def fits() -> Judge:
    """Return what says whether the content of a case file fits the schema."""
    return judge_of(case_schema())

"""Use the bench of the scenario tests, because a server sees the whole request."""

from tests.scenario.conftest import bench

__all__ = ["bench"]

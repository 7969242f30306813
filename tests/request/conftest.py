"""The bench of the scenario tests: requests are seen best where they are sent."""

from tests.scenario.conftest import bench

__all__ = ["bench"]

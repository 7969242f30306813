"""The choices of the user for the live screen: what is shown, in which order, from which row on."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct
from msgspec.structs import replace


class Panel(Enum):
    """The choices for the lower part of the screen."""

    STEPS = "steps"
    HEAT = "heat map"
    FAILURES = "failures"
    KEYS = "keys"


class Order(Enum):
    """The orders of the steps, in the order of the keys `1` to `4`."""

    FILE = "file order"
    FAILURES = "failures"
    P95 = "p95"
    RATE = "rate"


_ORDERS = tuple(Order)


class View(Struct, frozen=True):
    """One choice of everything. `first` is the row on top; a frame shows the last page at most."""

    panel: Panel = Panel.STEPS
    order: Order = Order.FILE
    first: int = 0

    def toggled(self, panel: Panel) -> View:
        """Show this panel; if it is shown already, show the steps again."""
        return replace(self, panel=Panel.STEPS if self.panel is panel else panel, first=0)

    def ordered(self, order: Order) -> View:
        return replace(self, order=order, panel=Panel.STEPS, first=0)

    def next_order(self, by: int = 1) -> View:
        return self.ordered(_ORDERS[(_ORDERS.index(self.order) + by) % len(_ORDERS)])

    def scrolled(self, by: int, rows: int, page: int) -> View:
        """Move by some of `rows` rows, of which a page fits on the screen."""
        last = max(0, rows - page)
        return replace(self, first=min(max(0, min(self.first, last) + by), last))

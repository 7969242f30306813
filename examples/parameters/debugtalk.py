"""Functions that the cases of this project call."""


def first_items(number: int) -> list[dict[str, int]]:
    """Return parameter rows: items with their price in cents."""
    return [{"item": item, "price": item * 125} for item in range(1, number + 1)]

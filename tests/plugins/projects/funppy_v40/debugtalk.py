"""Use the style of hrp 4.0: register the functions with funppy, and serve them."""

import funppy


def sum_two_int(a: int, b: int) -> int:
    return a + b


def join_all(*args):
    return "".join(args)


if __name__ == "__main__":
    funppy.register("sum_two_int", sum_two_int)
    funppy.register("concatenate", join_all)
    funppy.serve()

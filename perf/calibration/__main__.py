"""Check the verdict on the generator against the truth: `python -m perf.calibration`.

Each run has a target whose true latencies are known by the kernel's clock, and a disturbance of
the generator. Prints the table of verdicts; exit 1 if one is wrong. `--write` puts the table into
docs/measuring.md. Twelve runs of 8 seconds take two minutes, on a machine with two cores or more
that does nothing else.
"""

from __future__ import annotations

import argparse
import sys

from .disturbances import DISTURBANCES
from .runs import SERVICES, calibrate
from .table import table, write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m perf.calibration", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="length of each run")
    parser.add_argument("--write", action="store_true", help="write the table into the docs")
    options = parser.parse_args()
    found = [
        calibrate(disturbance, service, options.seconds)
        for disturbance in DISTURBANCES
        for service in SERVICES
    ]
    print(table(found))
    wrong = [one for one in found if not one.is_right]
    for one in wrong:
        print(f"wrong: {one}")
    if options.write and not wrong:
        write(found)
    sys.exit(int(bool(wrong)))


if __name__ == "__main__":
    main()

"""Start the program: make signals safe, then import the commands and run one."""

from __future__ import annotations

import signal
import sys
from importlib import import_module


def main() -> None:
    """Run the command line of this process."""
    # Until a command takes signals, Ctrl-C ends the process as it ends any program: without a
    # traceback, and also in the middle of an import.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    import_module("boomtalk.commands.program").run(sys.argv[1:])


if __name__ == "__main__":
    main()

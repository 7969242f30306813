"""Start the program: make signals safe, then import the commands and run one.

On Windows say how to go on instead: there the first of those imports would fail.
"""

from __future__ import annotations

import gc
import signal
import sys
from importlib import import_module

# Objects that are made between two garbage collections. Almost all that imports and the reading of
# cases make stays: looking for garbage every 700 objects, as Python does, is a tenth of the start.
_BETWEEN_COLLECTIONS = 100_000

_ON_WINDOWS = """\
error: boomtalk does not run on Windows itself, but in WSL, the Linux that is a part of Windows
in PowerShell: wsl --install; then in its Ubuntu: sudo apt install pipx && pipx install boomtalk
(docs/systems.md of the repository says more)
"""


def main() -> None:
    """Run the command line of this process."""
    if sys.platform in ("win32", "cygwin"):
        sys.stderr.write(_ON_WINDOWS)
        sys.exit(2)
    # Until a command takes signals, Ctrl-C ends the process as it ends any program: without a
    # traceback, and also in the middle of an import.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.set_threshold(_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    import_module("boomtalk.commands.program").run(sys.argv[1:])


if __name__ == "__main__":
    main()

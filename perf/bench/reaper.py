"""Run a command, and wait for all processes that it leaves behind: `reaper.py FILE COMMAND...`.

The kernel adds up the CPU time of children only when their parent waits for them. So this process
adopts children whose parent has ended (PR_SET_CHILD_SUBREAPER in prctl(2)), and waits for all. It
writes one JSON object to FILE. Times are of the monotonic clock, which all processes share.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_GRACE = 1.0


def main() -> None:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    file, *command = sys.argv[1:]
    started_at = time.monotonic()
    try:
        code = subprocess.run(command, check=False).returncode
        ended_at = time.monotonic()
    finally:
        left = end_all()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = {
        "code": code,
        "started_at": started_at,
        "ended_at": ended_at,
        "left_behind": left,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "largest_process": used.ru_maxrss * 1024,
    }
    Path(file).write_text(json.dumps(told))


def end_all() -> int:
    """Kill all processes that are left after a second; return how many there were."""
    me = psutil.Process()
    _, alive = psutil.wait_procs(me.children(recursive=True), timeout=_GRACE)
    while children := me.children(recursive=True):
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        with suppress(ChildProcessError):
            os.wait()
    return len(alive)


if __name__ == "__main__":
    main()

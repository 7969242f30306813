"""What the machine must allow before the first user starts."""

from __future__ import annotations

import resource

from ..errors import UsageError

# The loop, the log, results, plugins and a margin.
_OWN_FILES = 64


def open_files_limit() -> int | None:
    """Return how many files this process may have open, None without a limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def allow_open_files(users: int) -> str | None:
    """Raise the soft limit of open files as far as needed; return a warning if it is short.

    Raises UsageError when even the hard limit leaves no connection per user.
    """
    wanted = users * 2 + _OWN_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and users + _OWN_FILES > hard:
        raise UsageError(
            f"{users} users need {users + _OWN_FILES} open files, the hard limit is {hard}",
            f"use fewer users, or raise the limit (ulimit -Hn {wanted})",
        )
    reachable = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < reachable:
        resource.setrlimit(resource.RLIMIT_NOFILE, (reachable, hard))
    if reachable < wanted:
        return f"only {reachable} files may be open; cases with two hosts may run short of them"
    return None

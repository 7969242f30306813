"""Read how many files, ports and how much memory this machine lets one process use."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from ctypes import CDLL, byref, c_int, c_size_t, sizeof
from pathlib import Path

import psutil
from msgspec import Struct

# Linux holds the port of a closed connection for TCP_TIMEWAIT_LEN (include/net/tcp.h). With
# tcp_tw_reuse=1 it may be used again after one second (Documentation/networking/ip-sysctl.rst).
_TIME_WAIT_SECONDS = 60.0
_REUSE_SECONDS = 1.0
# File names of version 2 and of version 1 of cgroups: limit and usage.
_CGROUPS = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))


class Machine(Struct, frozen=True):
    """The limits of this process. None means that there is no limit, or that it is unknown.

    `files` is the soft limit of open files, `most_files` the hard one. `ports` is the number of
    connections to one address at once; after we close one, its port stays taken for
    `port_seconds`. Memory is in bytes.
    """

    files: int | None = None
    most_files: int | None = None
    ports: int | None = None
    port_seconds: float = _TIME_WAIT_SECONDS
    memory: int | None = None
    free_memory: int | None = None


def this_machine() -> Machine:
    """Read the current limits."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    whole, free = _memory()
    return Machine(
        files=_limit(files),
        most_files=_most_files(),
        ports=_ports(Path("/proc/sys/net/ipv4")),
        port_seconds=_port_seconds(Path("/proc/sys/net/ipv4/tcp_tw_reuse")),
        memory=whole,
        free_memory=free,
    )


def allow_open_files(wanted: int) -> None:
    """Raise the soft limit of open files to `wanted`, or as far as the hard limit allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _most_files()
    reachable = wanted if most is None else min(wanted, most)
    if soft != resource.RLIM_INFINITY and soft < reachable:
        # What the system refuses against its own limits is no reason to end a run.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (reachable, hard))


def _most_files() -> int | None:
    limits = (_limit(resource.getrlimit(resource.RLIMIT_NOFILE)[1]), _files_of_system())
    return min((limit for limit in limits if limit is not None), default=None)


def _files_of_system() -> int | None:
    """Return how many files macOS lets a process open, None on other systems.

    There the hard limit is usually infinite, but a soft one above this number is refused
    (setrlimit(2) of macOS).
    """
    if sys.platform != "darwin":
        return None
    number = c_int()
    size = c_size_t(sizeof(number))
    failed = CDLL(None).sysctlbyname(b"kern.maxfilesperproc", byref(number), byref(size), None, 0)
    return None if failed else number.value


def cgroup_memory(groups: Path, root: Path) -> tuple[int, int] | None:
    """Return limit and usage in bytes of the tightest memory cgroup, None without a limit.

    `groups` is a file like /proc/self/cgroup, `root` the mount point of cgroups. A limit of a
    parent group applies to its children. Page cache that the kernel would drop counts as free.
    """
    limits: list[tuple[int, int]] = []
    for folder in _memory_folders(groups, root):
        for limit, usage in _CGROUPS:
            # A group without a limit says "max", or a number beyond any memory.
            with suppress(OSError, ValueError):
                used = int((folder / usage).read_text()) - _reclaimable(folder / "memory.stat")
                limits.append((int((folder / limit).read_text()), max(0, used)))
    return min(limits, default=None)  # by limit: tuples compare by their first value


def _memory_folders(groups: Path, root: Path) -> Iterator[Path]:
    try:
        lines = groups.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, inner = line.split(":", 2)
        if controllers in ("", "memory"):
            folder = root / controllers / inner.strip("/")
            # In a container this path may be the host's and not exist; then the root of the mount
            # is the container's own group.
            yield from (folder, *folder.parents[: len(Path(inner).parts) - 1])


def _reclaimable(stat: Path) -> int:
    """Return the bytes of page cache that was not used recently, children of the group included."""
    with suppress(OSError):
        found = dict(line.split(" ", 1) for line in stat.read_text().splitlines())
        return int(found.get("total_inactive_file") or found.get("inactive_file") or 0)
    return 0


def _memory() -> tuple[int, int]:
    memory = psutil.virtual_memory()
    group = cgroup_memory(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))
    if group is None or group[0] >= memory.total:
        return memory.total, memory.available
    limit, used = group
    return limit, min(memory.available, limit - used)


def _ports(settings: Path) -> int | None:
    try:
        first, last = map(int, (settings / "ip_local_port_range").read_text().split())
        reserved = (settings / "ip_local_reserved_ports").read_text().strip()
    except (OSError, ValueError):
        return None
    taken = (range(int(low), int(high or low) + 1) for low, high in _spans(reserved))
    return last - first + 1 - sum(first <= port <= last for span in taken for port in span)


def _spans(text: str) -> Iterator[tuple[str, str]]:
    for span in filter(None, text.split(",")):
        low, _, high = span.partition("-")
        yield low, high


def _port_seconds(setting: Path) -> float:
    with suppress(OSError):
        return _REUSE_SECONDS if setting.read_text().strip() == "1" else _TIME_WAIT_SECONDS
    return _TIME_WAIT_SECONDS


def _limit(value: int) -> int | None:
    return None if value == resource.RLIM_INFINITY else value

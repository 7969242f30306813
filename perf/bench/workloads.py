"""Define the workloads of the comparison, and the tools that can express each."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from .servers import Server
from .tools import Work

CASES = Path(__file__).parents[1] / "cases"
_ADDRESS = "127.0.0.1:8080"
_ALL = ("boomtalk", "boomtalk other Python", "hrp", "k6", "locust", "hey", "vegeta", "oha", "wrk")
_MAIN = ("boomtalk", "boomtalk other Python", "hrp", "k6", "hey", "oha")

# What a reader should know of the rows in which each response has the same bytes.
_SAME = "All responses have the same bytes, which boomtalk judges once; see fresh-bodies below."


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload. `case` is a folder of cases/; `main` are the tools of a short comparison.

    Unless it `is_steady`, it is measured from start to end of the tool and on all cores, because
    its point is the processes that a tool starts. Unless it `is_pinned`, the tool shares all
    cores with the server.
    """

    name: str
    title: str
    case: str
    users: int
    tools: tuple[str, ...]
    main: tuple[str, ...] = ()
    server: str = "nginx"
    path: str = "/"
    unit: str = "requests"
    rate: int | None = None
    settle: float = 1.5
    is_steady: bool = True
    is_pinned: bool = True
    seconds: int | None = None
    secure: bool = False
    http2: bool = False
    terminal: bool = False
    notes: tuple[str, ...] = field(default=())

    def work(self, server: Server, seconds: int, folder: Path) -> Work:
        """Copy the case into `folder`, with the address of the server."""
        base = server.tls_url if self.secure else server.url
        if self.http2:
            base = server.http2_url
        for file in (CASES / self.case).iterdir():
            if file.is_file():
                shutil.copy(file, folder)
        for file in [*folder.glob("*.yml"), *folder.glob("*.js")]:
            text = file.read_text().replace(f"http://{_ADDRESS}", base)
            file.write_text(text.replace(_ADDRESS, base.partition("//")[2]))
        # For hrp the project is the folder with this file; without it, hrp searches the parents.
        (folder / "proj.json").touch()
        return Work(base + self.path, self.users, seconds, folder, self.rate)


WORKLOADS = (
    Workload("get-64", "One GET with two checks, 64 users", "get", 64, _ALL, _MAIN, notes=(_SAME,)),
    Workload(
        "get-1000", "One GET with two checks, 1,000 users", "get", 1000, _ALL, _MAIN, notes=(_SAME,)
    ),
    Workload(
        "get-8000",
        "One GET with two checks, 8,000 users",
        "get",
        8000,
        ("boomtalk", "boomtalk other Python", "hrp", "k6", "locust", "hey", "oha", "wrk"),
        _MAIN,
        settle=4.0,
        notes=(_SAME, "vegeta is left out: it has no fixed number of connections this large."),
    ),
    Workload(
        "fresh-heads",
        "One GET with two checks, a head that never comes again, 64 users",
        "fresh",
        64,
        ("boomtalk", "boomtalk other Python", "hrp", "k6", "hey", "oha"),
        ("boomtalk", "boomtalk other Python", "oha"),
        path="/fresh",
        notes=("The server puts a request id into each head, so no head can be looked up.",),
    ),
    Workload(
        "fresh-bodies",
        "One GET with two checks, a body that never comes again, 64 users",
        "bodies",
        64,
        ("boomtalk", "boomtalk other Python", "hrp", "k6", "hey", "oha"),
        ("boomtalk", "boomtalk other Python", "k6", "oha"),
        path="/items",
        notes=("The server puts a request id into each body, so each is decoded and judged.",),
    ),
    Workload(
        "post",
        "POST of 1 KB of JSON, three checks, one extract, 64 users",
        "post",
        64,
        ("boomtalk", "boomtalk other Python", "hrp", "k6", "locust", "hey"),
        ("boomtalk", "boomtalk other Python", "hrp", "k6", "hey"),
        path="/items",
    ),
    Workload(
        "login",
        "Login and five steps with cookie, token and values of answers before, 64 users",
        "login",
        64,
        ("boomtalk", "boomtalk other Python", "k6", "locust"),
        ("boomtalk", "boomtalk other Python", "k6"),
        notes=("hrp is left out: all its users share one cookie jar, so the server refuses them.",),
    ),
    Workload(
        "plugin",
        "One plugin call and one GET, 64 users",
        "plugin",
        64,
        ("boomtalk", "boomtalk other Python", "hrp"),
        ("boomtalk", "boomtalk other Python", "hrp"),
        notes=("The CPU time of the plugin process is counted with the tool's.",),
    ),
    Workload(
        "plugin-all-cores",
        "One plugin call and one GET, 64 users, on all cores",
        "plugin",
        64,
        ("boomtalk", "hrp"),
        ("boomtalk", "hrp"),
        is_pinned=False,
        notes=("The tool, its plugin process and the server share all cores.",),
    ),
    Workload(
        "shards",
        "One GET with two checks, 256 users, on all cores",
        "get",
        256,
        ("boomtalk", "boomtalk 2 shards", "k6", "locust", "locust 2 processes"),
        is_pinned=False,
        notes=(
            "The tool and the server share all cores: two shards cannot do twice as much.",
            "The processes and the memory of Ray are counted with the shards.",
        ),
    ),
    Workload(
        "reference",
        "A step that references a case which uses debugtalk.py, 10 users",
        "reference",
        10,
        ("boomtalk", "hrp"),
        ("boomtalk", "hrp"),
        is_steady=False,
        seconds=8,
    ),
    Workload(
        "open",
        "Open model, 5,000 GETs per second",
        "open",
        1000,
        ("boomtalk", "boomtalk other Python", "k6", "vegeta", "oha"),
        ("boomtalk", "boomtalk other Python", "k6", "vegeta"),
        rate=5000,
        # A shorter round would hold half a CPU-second of both, too little to compare.
        seconds=10,
    ),
    Workload(
        "large",
        "Bodies of 100 KB, 64 users",
        "large",
        64,
        _ALL,
        path="/large",
    ),
    Workload(
        "tls",
        "One GET over TLS with two checks, 64 users",
        "get",
        64,
        ("boomtalk", "hrp", "k6", "hey", "vegeta", "oha", "wrk"),
        secure=True,
        notes=(
            "No tool verifies the certificate.",
            "locust is left out: it is busy for seconds before its first request.",
        ),
    ),
    Workload(
        "http2",
        "One GET over HTTP/2 with two checks, 64 users",
        "http2",
        64,
        ("boomtalk", "hrp", "k6", "oha http2"),
        http2=True,
        notes=(
            "No tool verifies the certificate.",
            "hrp shares connections between its users, the others have one per user.",
        ),
    ),
    Workload(
        "websocket",
        "Ten websocket messages there and back per connection, 64 users",
        "websocket",
        64,
        ("boomtalk", "boomtalk other Python", "hrp", "k6"),
        server="echo",
        unit="messages",
        notes=("A message comes back as it was sent, so boomtalk judges the bytes of each once.",),
    ),
    Workload(
        "live",
        "The live table, in a terminal of 120 x 40, against one line per 10 s; 1,000 users",
        "get",
        1000,
        ("boomtalk live", "boomtalk"),
        terminal=True,
    ),
)

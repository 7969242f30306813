"""Other tools' names for commands and flags: those that work, and those that have a substitute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

# HttpRunner's (and k6's) names for the same things; they work, and stay out of --help.
_ALIASES = {
    "--spawn-count": "--users",
    "--vus": "--users",
    "--run-time": "--duration",
    "-t": "--duration",
    "--loop-count": "--loops",
    "--no-tui": "--plain",
    "--disable-console-output": "--plain",
    "--disable-keepalive": "--no-keepalive",
    "--disable-compression": "--no-compression",
    "--venv": "--python",
    "-p": "--proxy",
    "--proxy-url": "--proxy",
    "-l": "--log-level",
    "--log-plugin": "--log-level=info",
}
_CONVERT_ALIASES = {"-d": "--output-dir"}
# HttpRunner's values that mean "no limit", which is the default here.
_OFF = {"--loop-count": ("-1",), "--run-time": ("0",), "--max-rps": ("-1", "0")}
# Flags that change nothing here: what they ask for is done anyway, or they profile hrp itself.
_DONE_ANYWAY = {"--auto-start", "--log-requests-off"}
_DONE_BY_CONVERT = {"--from-har", "--from-postman", "--from-curl", "--to-yaml"}
_PROFILES_OF_HRP = {"--cpu-profile", "--cpu-profile-duration", "--mem-profile"}
_PROFILES_OF_HRP |= {"--mem-profile-duration"}

_SHARDS = "use --shards N for several processes, and --ray ADDRESS for several machines"
_NO_CONVERSION = "a case of HttpRunner is run as it is: boomtalk run FILE"
_DISTRIBUTION = """
    master worker expect-workers expect-workers-max-wait ignore-quit master-host master-port
    master-bind-host master-bind-port master-http-address
"""
_INSTEAD: Mapping[str, Mapping[str, str]] = {
    "boom": {f"--{name}": _SHARDS for name in _DISTRIBUTION.split()},
    "run": {"--http-stat": "use boomtalk boom CASE -i 1: its report has the times of connecting"},
    "convert": {
        "--from-json": _NO_CONVERSION,
        "--from-yaml": _NO_CONVERSION,
        "--to-json": "cases are written in YAML, which has the same content",
        "--to-pytest": "cases are run without pytest: boomtalk run FILE",
        "--profile": "write headers and cookies into the cases",
        "-p": "write headers and cookies into the cases",
    },
}
_LOG_JSON = "use --log-file FILE for the log, and --json FILE for the results"
_PROJECT = "use boomtalk init DIR, which makes a project with example cases"
_DOCS = "use boomtalk --help and boomtalk COMMAND --help; the pages are in docs/ of the repository"
_CASES = "use boomtalk run PATH, which runs cases without pytest"
_PHONES = "steps for phones are not supported"
_COMMANDS = {
    "startproject": _PROJECT,
    "scaffold": _PROJECT,
    **dict.fromkeys(("wiki", "info", "docs", "doc"), _DOCS),
    "pytest": _CASES,
    "make": "cases are run as they are: use boomtalk run PATH",
    "hrun": _CASES,
    "build": "debugtalk.py is used as it is; debugtalk.bin is built from Go by hrp build",
    "har2case": "use boomtalk convert FILE.har",
    "adb": _PHONES,
    "ios": _PHONES,
    "completion": "use boomtalk --show-completion or boomtalk --install-completion",
}
_GLOBAL = {"-l": 2, "--log-level": 2, "--venv": 2, "--log-json": 1}


class NotHereError(Exception):
    """A command or flag of HttpRunner that is not here; `instead` says what to use."""

    def __init__(self, name: str, instead: str) -> None:
        super().__init__(f"{name} of HttpRunner is not available")
        self.instead = instead


def canonical(words: Sequence[str]) -> list[str]:
    """Return the words with our names for commands and flags.

    Raises NotHereError for what has another way here.
    """
    command, *rest = _with_command_first(list(words)) or [""]
    if command == "help":
        return [*rest, "--help"]
    if command in _COMMANDS:
        raise NotHereError(command, _COMMANDS[command])
    return [command, *_flags(command, iter(rest))] if words else []


def _with_command_first(words: list[str]) -> list[str]:
    """Return the words with global flags of HttpRunner behind the command."""
    before: list[str] = []
    while words and words[0].partition("=")[0] in _GLOBAL:
        length = 1 if "=" in words[0] else _GLOBAL[words[0]]
        before += words[:length]
        words = words[length:]
    return [*words[:1], *before, *words[1:]]


def _flags(command: str, words: Iterator[str]) -> Iterator[str]:
    aliases = {**_ALIASES, **(_CONVERT_ALIASES if command == "convert" else {})}
    for word in words:
        flag, mark, value = word.partition("=")
        _refuse(command, flag)
        if flag in _DONE_ANYWAY or (command == "convert" and flag in _DONE_BY_CONVERT):
            continue
        if flag in _PROFILES_OF_HRP:
            if not mark:
                next(words, None)
            continue
        if flag in _OFF and command == "boom":
            value = value if mark else next(words, "")
            if value not in _OFF[flag]:
                yield f"{aliases.get(flag, flag)}={value}"
            continue
        yield aliases.get(flag, flag) + mark + value


def _refuse(command: str, flag: str) -> None:
    instead = _INSTEAD.get(command, {}).get(flag)
    instead = _LOG_JSON if flag == "--log-json" else instead
    if instead is not None:
        raise NotHereError(flag, instead)

"""Read the files and the standard input that the options of a curl command name."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct, field

from .shell import Command

_STDIN = ("-", "/dev/stdin")


class Inputs(Struct):
    """The inputs of one command; `lost` collects what cannot be read, with a hint."""

    folder: Path
    command: Command
    lost: list[tuple[str, str]] = field(default_factory=list)

    def content(self, name: str, option: str) -> bytes:
        """Return the content of a file or of stdin; what cannot be read is empty, and told."""
        if name not in _STDIN:
            return self._file(name, option)
        if self.command.stdin is not None:
            return self.command.stdin.encode("utf-8", "surrogatepass")
        if self.command.stdin_file is not None:
            return self._file(self.command.stdin_file, option)
        self.lost.append((f"{option} reads stdin, which is not known: it is left out", ""))
        return b""

    def text(self, name: str, option: str) -> str:
        """Return the content as text; bytes that are not UTF-8 cannot stand in a case."""
        try:
            return self.content(name, option).decode()
        except UnicodeDecodeError:
            self.lost.append((f"{name} is not UTF-8 text: {option} is left out", ""))
            return ""

    def _file(self, name: str, option: str) -> bytes:
        try:
            found = self.folder / name
            if found.is_file():
                return found.read_bytes()
            reason = "there is no such file"
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it cannot be read"
        self.lost.append((f"{option} {name}: {reason}", "its content is left out"))
        return b""

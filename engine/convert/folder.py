"""Write converted cases into a folder, which is in an existing project or becomes one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from ..case.project import find_project, read_environment
from ..errors import Place, Problem, UsageError
from .convert import Converted

_UPLOADS = "files"
# A step that uploads a missing file could not be checked or run.
_PLACEHOLDER = b"The converted source does not contain this file. Put it here.\n"


class Folder(Struct, frozen=True):
    """The folder for the cases, and the root of the project that they will belong to."""

    path: Path
    root: Path
    is_new: bool

    @classmethod
    def of(cls, path: Path) -> Folder:
        """Find the project around the folder; if there is none, the folder becomes a project."""
        root, plugin, _ = find_project(path / "case.yml", str(path))
        is_project = plugin is not None or (root / "proj.json").is_file()
        return cls(path, root if is_project else path.absolute(), not is_project)

    @property
    def uploads(self) -> str:
        """The folder for uploaded files, relative to the root."""
        return str((self.path.absolute() / _UPLOADS).relative_to(self.root))

    def environment(self) -> dict[str, str]:
        """Return the pairs that the project's `.env` already has; raises CaseError."""
        env = self.root / ".env"
        return read_environment(env, str(env)) if env.exists() else {}

    def write(self, converted: Converted, *, replace: bool) -> list[Path]:
        """Write everything, and return the case files.

        Raises UsageError if something cannot be written. Unless `replace`, it also raises one
        that names all existing files, before anything is written.
        """
        cases = {self.path / name: text.encode() for name, text in converted.cases.items()}
        uploads = {self.path / _UPLOADS / name: data for name, data in converted.uploads.items()}
        there = [str(path) for path in (*cases, *uploads) if path.exists()]
        if there and not replace:
            raise UsageError(f"already there: {', '.join(there)}", "--force replaces them")
        try:
            self._write({**cases, **uploads, **self._project_files(), **self._asked(converted)})
            self._add_to_environment(converted.environment)
        except OSError as error:
            raise UsageError(f"{error.filename}: {error.strerror}") from error
        return list(cases)

    def _write(self, files: Mapping[Path, bytes]) -> None:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def _project_files(self) -> dict[Path, bytes]:
        files = {self.root / "proj.json": b"{}\n", self.root / ".gitignore": b".env\nresults/\n"}
        return {path: text for path, text in files.items() if self.is_new and not path.exists()}

    def _asked(self, converted: Converted) -> dict[Path, bytes]:
        """Return a placeholder for every file that the user must give and has not given yet."""
        paths = [self.path / _UPLOADS / name for name in converted.asked]
        return {path: _PLACEHOLDER for path in paths if not path.exists()}

    def _add_to_environment(self, pairs: Mapping[str, str]) -> None:
        if not pairs:
            return
        env = self.root / ".env"
        is_open = env.exists() and env.read_text()[-1:] not in ("", "\n")
        handle = os.open(env, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write("\n" if is_open else "")
            file.writelines(f"{name}={value}\n" for name, value in pairs.items())

    def notes(self, converted: Converted) -> Iterator[Problem]:
        """Yield what the user should do about the folder."""
        if not converted.environment:
            return
        names = ", ".join(converted.environment)
        env = Place(str(self.root / ".env"))
        yield Problem(env, f"now contains {names}", "the cases refer to them")
        ignored = self.root / ".gitignore"
        if not ignored.exists() or ".env" not in ignored.read_text(errors="replace"):
            yield Problem(Place(str(ignored)), "does not list .env", "keep secrets out of git")

"""Run the program against a scripted server in this process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.http.scripted_server import Answer, ScriptedServer, scripted
from tests.support.boomtalk_cli import Ended, run_cli


def json_answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, lines, len(body), body)


def play(
    folder: Path,
    *arguments: str | os.PathLike[str],
    script: Mapping[bytes, Answer],
    case: str = "",
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> tuple[Ended, ScriptedServer]:
    """Write the case (`$URL` is the server's URL), and run the program in the folder."""

    async def main() -> tuple[Ended, ScriptedServer]:
        async with scripted(dict(script), **options) as server:
            if case:
                (folder / "case.yml").write_text(case.replace("$URL", server.url))
            words = [str(word).replace("$URL", server.url) for word in arguments]
            ended = await asyncio.to_thread(run_cli, *words, cwd=folder, env=env)
            return ended, server

    return asyncio.run(main())

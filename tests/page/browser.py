"""Control a real headless browser over a pair of pipes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO, Any

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars"),
    "--remote-debugging-pipe",
)
# The browser reads commands from its file 3 and answers on its file 4.
START = 'exec timeout 60 chromium "${@:3}" 3<&"$1" 4>&"$2"'


class Tab:
    """One page in the browser; `complaints` are the errors of its console."""

    def __init__(self, to_browser: IO[bytes], from_browser: IO[bytes]) -> None:
        self._to, self._from = to_browser, from_browser
        self._ids = count(1)
        self._session: str | None = None
        self.complaints: list[Any] = []
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        attached = self.do("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.do(f"{domain}.enable")

    def open(self, url: str, width: int = 1200, scheme: str = "light", media: str = "") -> None:
        """Load a page in a window of this width."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.do("Emulation.setEmulatedMedia", media=media, features=[feature])
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.do("Emulation.setDeviceMetricsOverride", **size)
        self.do("Page.navigate", url="about:blank")
        self.complaints.clear()
        self.do("Page.navigate", url=url)
        self.ask(
            "new Promise(done => document.readyState === 'complete' ? done()"
            " : addEventListener('load', done))"
        )

    def ask(self, expression: str) -> Any:
        """Return the value of an expression in the page; of a promise its result."""
        answer = self.do(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    @contextmanager
    def moved(self) -> Iterator[None]:
        """Run the body, then wait until the page has noticed the new fragment of its address."""
        told = "addEventListener('hashchange', () => done(), {once: true})"
        self.ask(f"window.moved = new Promise(done => {told}); 0")
        yield
        self.ask("window.moved")

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the mouse at one place of the window, and release it at another."""
        for kind, (x, y) in (("Pressed", start), ("Moved", end), ("Released", end)):
            pressed = {"button": "left", "buttons": 1, "clickCount": 1}
            self.do("Input.dispatchMouseEvent", type=f"mouse{kind}", x=x, y=y, **pressed)

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the browser's answer to a command of its debugging protocol."""
        command = {"id": next(self._ids), "method": method, "params": parameters}
        if self._session is not None:
            command["sessionId"] = self._session
        self._to.write(json.dumps(command).encode() + b"\0")
        for message in self._messages():
            if message.get("id") == command["id"]:
                assert "error" not in message, (method, message)
                result: dict[str, Any] = message["result"]
                return result
        raise AssertionError("the browser has gone")

    def _messages(self) -> Iterator[dict[str, Any]]:
        while data := _until_nul(self._from):
            message = json.loads(data)
            if message.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.complaints.append(message["params"])
            yield message


@contextmanager
def browser(profile: Path) -> Iterator[Tab]:
    """Run a browser while the body of the `with` runs."""
    reads, to_browser = os.pipe()
    from_browser, writes = os.pipe()
    command = ["bash", "-c", START, "bash", str(reads), str(writes), *FLAGS]
    process = subprocess.Popen(
        [*command, f"--user-data-dir={profile}"],
        pass_fds=(reads, writes),
        stderr=subprocess.DEVNULL,
    )
    os.close(reads)
    os.close(writes)
    try:
        with open(to_browser, "wb", buffering=0) as sent, open(from_browser, "rb") as heard:
            tab = Tab(sent, heard)
            yield tab
            with suppress(AssertionError, OSError):
                tab.do("Browser.close")
    finally:
        process.terminate()
        process.wait(10)


def _until_nul(file: IO[bytes]) -> bytes:
    data = bytearray()
    while (byte := file.read(1)) not in (b"\0", b""):
        data += byte
    return bytes(data)

"""Log the lines of a run as Python's libraries do."""

from __future__ import annotations

import logging

from msgspec import Struct, field

from ..output.masking import Mask


class LibraryLog(Struct, frozen=True):
    """Passes lines on to the logger `boomtalk`, with secrets masked."""

    secrets: Mask
    _logger: logging.Logger = field(default_factory=lambda: logging.getLogger("boomtalk"))

    def warn(self, text: str) -> None:
        """Log a warning."""
        self._logger.warning("%s", self.mask(text))

    def error(self, text: str) -> None:
        """Log an error."""
        self._logger.error("%s", self.mask(text))

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        return self.secrets.message(text)

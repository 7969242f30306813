"""The version of boomtalk; `pyproject.toml` reads it here.

Asking `importlib.metadata` would import the parsers of mails and zip files, at every start.
"""

from __future__ import annotations

VERSION = "0.1.0"

"""Provide the user's project that the pages assume."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from boomtalk.examples import DEMO_CASE
from boomtalk.examples.target import TargetProcess

from .pages import blocks_of
from .reader import PLACEHOLDER


@pytest.fixture
def project(target: TargetProcess, tmp_path: Path) -> Path:
    """Return a folder with the shop's project; the target of its cases is the running one."""
    folder = tmp_path / "project"
    shutil.copytree(DEMO_CASE.parents[1], folder)
    shutil.copy(folder / "testcases" / "shop.yml", folder / "shop.yml")
    for case in folder.rglob("*.yml"):
        case.write_text(case.read_text().replace(PLACEHOLDER, target.url))
    for name, text in others_files(target.url).items():
        (folder / name).write_text(text)
    return folder


def others_files(url: str) -> dict[str, str]:
    """Return files of other tools, by the names that the pages use."""
    call = {"method": "GET", "url": f"{url}/api/items", "headers": []}
    recording = {"log": {"entries": [{"request": call, "response": {"status": 200}}]}}
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    asked = {"method": "GET", "url": "{{host}}/api/items"}
    collection = {
        "info": {"name": "shop", "schema": schema},
        "item": [{"name": "items", "request": asked}],
    }
    environment = {"name": "here", "values": [{"key": "host", "value": url}]}
    api = {
        "openapi": "3.1.0",
        "info": {"title": "shop", "version": "1"},
        "servers": [{"url": url}],
        "paths": {"/api/items": {"get": {"responses": {"200": {"description": "items"}}}}},
    }
    written = {
        "visit.har": recording,
        "collection.json": collection,
        "environment.json": environment,
        "openapi.json": api,
    }
    files = {str(block.name): block.text for block in blocks_of("sh file")}
    return files | {name: json.dumps(value) for name, value in written.items()}

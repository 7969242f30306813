"""What lies in deploy/ agrees with itself and with the program."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..support.boomtalk_cli import run_cli

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture
def spec() -> dict[str, Any]:
    job: dict[str, Any] = yaml.safe_load((DEPLOY / "rayjob.yml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    return job["spec"]


def test_the_job_has_a_place_for_each_shard(spec: dict[str, Any]) -> None:
    words = shlex.split(spec["entrypoint"])
    (group,) = spec["rayClusterSpec"]["workerGroupSpecs"]

    places = {group[name] for name in ("replicas", "minReplicas", "maxReplicas")}
    assert places == {int(words[words.index("--shards") + 1])}
    assert group["rayStartParams"]["num-cpus"] == "1"
    assert spec["rayClusterSpec"]["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"


def test_the_command_of_the_job_is_one_of_ours(spec: dict[str, Any]) -> None:
    program, command, *words = shlex.split(spec["entrypoint"])

    assert program == "boomtalk"
    given = {word for word in words if re.match(r"--?[a-z]", word)}
    assert (
        given - set(re.findall(r"(?<!\w)--?[a-z][\w-]*", run_cli(command, "--help").out)) == set()
    )


def test_a_load_is_never_repeated_and_the_cluster_has_a_token(spec: dict[str, Any]) -> None:
    assert spec["backoffLimit"] == 0
    assert spec["rayClusterSpec"]["authOptions"] == {"mode": "token"}


def test_image_and_job_speak_of_the_same_ray(spec: dict[str, Any]) -> None:
    image = re.search(r"^ARG RAY=([\d.]+)-", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)

    assert image is not None
    assert image[1] == spec["rayClusterSpec"]["rayVersion"]


@pytest.mark.parametrize("name", ["head.sh", "node.sh"])
def test_clusters_start_with_a_token_and_tell_nobody(name: str) -> None:
    text = (DEPLOY / name).read_text()

    assert "RAY_AUTH_MODE=token RAY_USAGE_STATS_ENABLED=0" in text
    assert text.count("ray start") == 1

"""Test that the files in deploy/ match each other and the program."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.boomtalk_cli import run_cli

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


@pytest.mark.extra
def test_the_job_fits_the_schema_of_kuberay() -> None:
    from jsonschema import Draft202012Validator

    file = os.environ.get("KUBERAY_CRD")
    assert file, "KUBERAY_CRD has to name KubeRay's ray.io_rayjobs.yaml"
    versions = yaml.safe_load(Path(file).read_text())["spec"]["versions"]
    (schema,) = [one["schema"]["openAPIV3Schema"] for one in versions if one["name"] == "v1"]
    schema["properties"]["metadata"] = {"type": "object"}
    job = yaml.safe_load((DEPLOY / "rayjob.yml").read_text())

    validator = Draft202012Validator(closed(schema))
    assert list(validator.iter_errors(job)) == []
    # A cluster would silently ignore keys that the schema does not have.
    assert list(validator.iter_errors(job | {"spek": {}}))


def closed(schema: Any) -> Any:
    """Return the schema without any unknown keys allowed."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {}
    own = {name: closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        own.setdefault("additionalProperties", False)
    return own

"""What the compose file promises of every container, read from the file itself."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

COMPOSE = Path("docker-compose.yml").read_text(encoding="utf-8")
FILE: dict[str, Any] = yaml.safe_load(COMPOSE)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
JOBS = {name for name in SERVICES if name.endswith(("-migrate", "-database"))}
#: Their images begin as root to own their volume, then become somebody else.
OWN_USERS = {"postgres", "kafka"}
DOOR = "gateway"

every = pytest.mark.parametrize("name", SERVICES)
lasting = pytest.mark.parametrize("name", sorted(SERVICES.keys() - JOBS - {"player"}))


@every
def test_every_container_is_bounded_and_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["logging"]["options"]["max-size"]
    if name not in OWN_USERS:
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@lasting
def test_whatever_lasts_is_watched_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["stop_grace_period"]
    from_our_recipe = "build" in service
    assert from_our_recipe or "test" in service["healthcheck"]


@every
def test_versions_are_pinned(name: str) -> None:
    image = SERVICES[name].get("image")
    if image is not None:
        assert re.fullmatch(r"[\w./-]+:v?\d[\w.-]*", image), image


def test_our_recipe_ends_as_nobody_in_particular() -> None:
    stages = re.split(r"^FROM ", Path("deploy/Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)[
        1:
    ]
    shipped = [stage for stage in stages if "CMD" in stage]
    assert len(shipped) == 4
    for stage in shipped:
        assert re.search(r"^USER (10001:10001|1000:0)$", stage, re.MULTILINE)
    assert all(re.match(r"(python:3\.13-slim|keycloak/keycloak:26\.4\.7|base) ", stage) for stage in stages)


def test_only_the_gateway_has_a_door_and_it_opens_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {DOOR: ["127.0.0.1:${GATEWAY_PORT:-8443}:8443"]}


@every
def test_no_secret_stands_in_the_environment(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    for variable, value in environment.items():
        assert variable.endswith("_FILE") or not re.search("PASSWORD|SECRET|DATABASE_URL", variable)
        assert not re.search(r"://[^/]+:[^/]+@", str(value))


def test_secrets_are_files_that_one_command_makes() -> None:
    assert {Path(secret["file"]).parent.as_posix() for secret in FILE["secrets"].values()} == {
        ".local/compose-secrets"
    }


@every
def test_whoever_waits_says_for_what(name: str) -> None:
    for condition in SERVICES[name].get("depends_on", {}).values():
        assert condition["condition"] in ("service_healthy", "service_completed_successfully")


def test_every_volume_is_named_and_used() -> None:
    mounted = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
        if not volume.startswith((".", "/"))
    }
    assert mounted == FILE["volumes"].keys()


def test_every_variable_is_explained() -> None:
    explained = dict(
        line.split("=", 1)
        for line in Path(".env.example").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE))
    assert explained == used
    assert len(re.findall(r"\$\{", COMPOSE)) == len(re.findall(r"\$\{\w+:-", COMPOSE))

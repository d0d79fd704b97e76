"""The composed system with a Keycloak that gives the tokens: a branch day, a restart, a refusal."""

import json
import re

import pytest

from tests.containers.composed import Composed

pytestmark = pytest.mark.containers

ASK = """
import json, ssl
import httpx
secrets = json.load(open("/data/client_secrets.json"))
trust = ssl.create_default_context(cafile="/run/secrets/gateway_certificate")
realm = "/keycloak/realms/wangdian/protocol/openid-connect"
with httpx.Client(base_url="https://gateway:8443", verify=trust, trust_env=False) as client:
    def token(name, secret):
        form = {"grant_type": "client_credentials"}
        return client.post(f"{realm}/token", data=form, auth=(name, secret))
    granted = token("auditor-1", secrets["auditor-1"]).raise_for_status().json()["access_token"]
    seen = client.get("/staffing/v1/outlets", headers={"Authorization": f"Bearer {granted}"})
    refused = client.post(
        "/compliance/v1/products",
        headers={"Authorization": f"Bearer {granted}", "Idempotency-Key": "one"},
        json={},
    )
    print(json.dumps({
        "outlets": len(seen.raise_for_status().json()["items"]),
        "refused": refused.status_code,
        "wrong secret": token("auditor-1", "guessed").status_code,
        "keys": client.get(f"{realm}/certs").status_code,
        "administration": client.get("/keycloak/admin/realms/wangdian").status_code,
        "other realm": client.get("/keycloak/realms/master").status_code,
    }))
"""


def test_a_branch_day_is_played_with_tokens_of_keycloak(with_keycloak: Composed) -> None:
    assert with_keycloak.balanced() > 1_000


def test_the_gateway_shows_of_keycloak_what_clients_need(with_keycloak: Composed) -> None:
    told = json.loads(with_keycloak.inside("player", "python", "-", stdin=ASK).splitlines()[-1])
    assert told.pop("outlets") > 0
    assert told == {
        "refused": 403,
        "wrong secret": 401,
        "keys": 200,
        "administration": 404,
        "other realm": 404,
    }


def test_keycloak_is_confined_like_the_rest(with_keycloak: Composed) -> None:
    told = with_keycloak.inside("keycloak", "bash", "-c", "id -u; touch /opt/x 2>&1; cat /proc/1/status")
    assert told.splitlines()[0] == "1000"
    assert "Read-only file system" in told
    assert re.search(r"CapEff:\s+0+$", told, re.MULTILINE)


def test_keycloak_comes_back_with_its_people(with_keycloak: Composed) -> None:
    before = with_keycloak.inside("player", "cat", "/data/client_secrets.json")
    with_keycloak.kill_process("keycloak")
    with_keycloak.compose("up", "--wait", "--no-recreate", "keycloak", seconds=300)
    assert (
        json.loads(with_keycloak.inside("player", "python", "-", stdin=ASK).splitlines()[-1])["outlets"] > 0
    )
    assert with_keycloak.inside("player", "cat", "/data/client_secrets.json") == before

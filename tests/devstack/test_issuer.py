"""The demo issuer: its tokens hold where services verify them, and it gives none away."""

import base64
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.devstack.users import HEAD_OFFICE, Users
from deploy.issuer.app import create_app
from deploy.issuer.keys import SigningKeys
from deploy.issuer.settings import IssuerSettings

URL = "http://issuer.test"


@pytest.fixture
def users(tmp_path: Path) -> Users:
    users = Users(tmp_path)
    users.add_all(HEAD_OFFICE)
    users.add("kiosk-1", "device-7", ["kiosk"], ["outlet-1"], device_id="device-7")
    return users


@pytest.fixture
async def client(tmp_path: Path, users: Users) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(IssuerSettings(url=URL, state=tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client:
        yield client


async def ask(client: httpx.AsyncClient, client_id: str, secret: str) -> httpx.Response:
    return await client.post(
        "/token", auth=(client_id, secret), data={"grant_type": "client_credentials", "scope": "any"}
    )


async def token_of(client: httpx.AsyncClient, users: Users, client_id: str) -> jwt.Token:
    """The client's token, verified with the published keys."""
    answer = await ask(client, client_id, users.secret(client_id))
    assert answer.status_code == 200, answer.text
    keys = KeySet.import_key_set((await client.get("/jwks")).json())
    return jwt.decode(answer.json()["access_token"], keys, algorithms=["ES256"])


async def test_a_token_says_who_may_do_what_where(client: httpx.AsyncClient, users: Users) -> None:
    token = await token_of(client, users, "kiosk-1")
    now = time.time()
    assert token.header["typ"] == "at+jwt"
    assert token.claims["iss"] == URL
    assert token.claims["aud"] == ["ticketing", "feedback", "staffing", "compliance"]
    assert token.claims["sub"] == token.claims["device_id"] == "device-7"
    assert token.claims["roles"] == ["kiosk"]
    assert token.claims["outlets"] == ["outlet-1"]
    assert token.claims["acr"] == "1"
    assert token.claims["nbf"] <= now + 1
    assert 590 <= token.claims["exp"] - now <= 601
    assert "device_id" not in (await token_of(client, users, "auditor-1")).claims


async def test_every_token_has_its_own_id(client: httpx.AsyncClient, users: Users) -> None:
    first, second = [await token_of(client, users, "auditor-1") for _ in range(2)]
    assert first.claims["jti"] != second.claims["jti"]


async def test_a_secret_may_come_in_the_form(client: httpx.AsyncClient, users: Users) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": "auditor-1",
        "client_secret": users.secret("auditor-1"),
    }
    answer = await client.post("/token", data=form)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("client_id", ["auditor-1", "nobody"])
async def test_a_wrong_secret_gets_no_token(client: httpx.AsyncClient, client_id: str) -> None:
    answer = await ask(client, client_id, "guess")
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("headers", "body", "status", "error"),
    [
        ({}, b"grant_type=password", 400, "unsupported_grant_type"),
        ({}, b"grant_type=client_credentials&grant_type=password", 400, "invalid_request"),
        ({}, b"\xff\xfe", 400, "invalid_request"),
        ({}, b"a=" + b"x" * 10_000, 413, "invalid_request"),
        ({}, b"grant_type=client_credentials", 401, "invalid_client"),
        ({"Authorization": "Basic !"}, b"grant_type=client_credentials", 401, "invalid_client"),
        ({"Authorization": "Bearer x"}, b"grant_type=client_credentials", 401, "invalid_client"),
        (
            {"Authorization": "Basic " + base64.b64encode(b"no-colon").decode()},
            b"grant_type=client_credentials",
            401,
            "invalid_client",
        ),
    ],
)
async def test_requests_that_are_none(
    client: httpx.AsyncClient, headers: dict[str, str], body: bytes, status: int, error: str
) -> None:
    answer = await client.post("/token", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_users_may_be_added_and_changed_while_it_runs(client: httpx.AsyncClient, users: Users) -> None:
    secret = users.add("teller-1-1", "teller-1-1", ["teller"], [])
    assert (await token_of(client, users, "teller-1-1")).claims["outlets"] == []
    assert users.add("teller-1-1", "teller-1-1", ["teller"], ["outlet-1"]) == secret
    assert (await token_of(client, users, "teller-1-1")).claims["outlets"] == ["outlet-1"]


async def test_discovery_names_token_endpoint_and_keys(client: httpx.AsyncClient) -> None:
    found = (await client.get("/.well-known/openid-configuration")).json()
    assert found["issuer"] == URL
    assert (await client.get(found["jwks_uri"])).status_code == 200
    assert (await client.post(found["token_endpoint"])).json()["error"] == "unsupported_grant_type"


async def test_keys_can_be_rotated_without_refusing_older_tokens(
    client: httpx.AsyncClient, users: Users, tmp_path: Path
) -> None:
    before = await token_of(client, users, "auditor-1")
    kid = SigningKeys(tmp_path).rotate()
    published = [key["kid"] for key in (await client.get("/jwks")).json()["keys"]]
    assert published == [kid, before.header["kid"]]
    assert (await token_of(client, users, "auditor-1")).header["kid"] == kid
    SigningKeys(tmp_path).rotate()
    assert before.header["kid"] not in (await client.get("/jwks")).text


async def test_private_keys_stay_private(client: httpx.AsyncClient, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    private = json.loads(path.read_text())[0]["d"]
    published = (await client.get("/jwks")).text
    assert private not in published
    assert "d" not in json.loads(published)["keys"][0]
    key = ECKey.import_key(json.loads(published)["keys"][0])
    assert not key.is_private
    assert SigningKeys(tmp_path).signing().kid == key.kid


def test_secrets_are_hashed_for_the_issuer_and_kept_for_the_players(users: Users, tmp_path: Path) -> None:
    accounts, secrets = tmp_path / "accounts.json", tmp_path / "client_secrets.json"
    assert users.secret("kiosk-1") not in accounts.read_text()
    assert accounts.stat().st_mode & 0o777 == secrets.stat().st_mode & 0o777 == 0o600
    again = Users(tmp_path)
    assert again.secret("kiosk-1") == users.secret("kiosk-1")
    assert again.describe() == users.describe()


def test_whoever_shows_the_users_hears_of_changes(tmp_path: Path) -> None:
    shown: list[int] = []
    several = Users(tmp_path, changed=lambda: shown.append(len(several.describe())))
    several.add("auditor-1", "auditor-1", ["auditor"])
    several.add("auditor-2", "auditor-2", ["auditor"])
    assert shown == [1, 2]

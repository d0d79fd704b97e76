"""The day's people and devices in a Keycloak: clients of its realm, entered over its admin API."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from deploy.devstack.users import User
from deploy.issuer.accounts import new_secret
from deploy.private_files import write_private

REALM = "wangdian"
#: The client that may enter others; its secret is given to realm and player alike.
PROVISIONING = "provisioning"
#: Its claims are those of a token that our services take.
SCOPE = "wangdian"
TOKENS = f"/realms/{REALM}/protocol/openid-connect"
ANSWER_SECONDS_MAX = 30.0


class KeycloakUsers:
    """Enters users as clients with a service account each; keeps their secrets in a private file."""

    def __init__(self, url: str, secret: str, folder: Path) -> None:
        self._url = url
        self._secret = secret
        self._secrets_path = folder / "client_secrets.json"
        self._secrets: dict[str, str] = {}
        if self._secrets_path.exists():
            self._secrets = json.loads(self._secrets_path.read_text(encoding="utf-8"))

    def secret(self, client_id: str) -> str:
        """The client secret of a user; raises ``KeyError`` when there is no such user."""
        return self._secrets[client_id]

    def add_all(self, users: Iterable[User]) -> None:
        """Adds users, or changes those with the same client id, who keep their secrets.

        Raises ``httpx.HTTPError`` where Keycloak does not answer or refuses.
        """
        with httpx.Client(base_url=self._url, timeout=ANSWER_SECONDS_MAX, trust_env=False) as client:
            # Such a token lives for minutes and there are at most some hundred users: one will do.
            granted = client.post(
                f"{TOKENS}/token",
                auth=(PROVISIONING, self._secret),
                data={"grant_type": "client_credentials"},
            )
            client.headers["Authorization"] = f"Bearer {granted.raise_for_status().json()['access_token']}"
            client.base_url = httpx.URL(f"{self._url}/admin/realms/{REALM}/")
            roles = {role["name"]: role for role in client.get("roles").raise_for_status().json()}
            for user in users:
                self._secrets.setdefault(user.client_id, new_secret())
                write_private(self._secrets_path, json.dumps(self._secrets, indent=1))
                self._enter(client, user, [roles[name] for name in user.roles])

    def _enter(self, client: httpx.Client, user: User, roles: list[dict[str, Any]]) -> None:
        wanted = {
            "clientId": user.client_id,
            "secret": self._secrets[user.client_id],
            "publicClient": False,
            "standardFlowEnabled": False,
            "directAccessGrantsEnabled": False,
            "serviceAccountsEnabled": True,
            "fullScopeAllowed": True,
            "defaultClientScopes": [SCOPE],
            "optionalClientScopes": [],
            # RFC 9068: what a service takes is an access token by its own header.
            "attributes": {"access.token.header.type.rfc9068": "true"},
        }
        created = client.post("clients", json=wanted)
        if created.status_code != httpx.codes.CONFLICT:
            created.raise_for_status()
        found = client.get("clients", params={"clientId": user.client_id}).raise_for_status().json()
        there = f"clients/{found[0]['id']}"
        if created.status_code == httpx.codes.CONFLICT:
            client.put(there, json=wanted).raise_for_status()
        account = client.get(f"{there}/service-account-user").raise_for_status().json()
        says = {
            name: value for name, value in asdict(user).items() if name in ("subject", "outlets", "device_id")
        }
        account["attributes"] = {
            name: list(value) if isinstance(value, tuple) else [value]
            for name, value in says.items()
            if value
        }
        client.put(f"users/{account['id']}", json=account).raise_for_status()
        client.post(f"users/{account['id']}/role-mappings/realm", json=roles).raise_for_status()

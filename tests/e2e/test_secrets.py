"""No password, secret, token or key of the stack stands in a log line, an answer or a measurement."""

import json
import re

import httpx
import pytest

from deploy import SERVICES
from deploy.demo.day import Summary
from deploy.devstack.stack import Stack
from tests.e2e.conftest import token_of

pytestmark = pytest.mark.e2e

#: Two parts of a token in its compact form.
TOKEN = re.compile(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}")
#: What a password in an address looks like.
ADDRESS = re.compile(r"postgres(?:ql)?(?:\+\w+)?://[^:\s]+:[^*@\s]+@")


def secrets_of(stack: Stack) -> set[str]:
    """Every password of the databases and every secret of a client."""
    passwords = json.loads((stack.state / "secrets.json").read_text("utf-8"))
    clients = {str(user["client_secret"]) for user in stack.users.describe().values()}
    return {*passwords.values(), *clients}


def provoked(stack: Stack, token: str) -> str:
    """What services answer to secrets in the wrong place: address, header, body, a token that is damaged."""
    head, body, signature = token.split(".")
    told = []
    for name in SERVICES:
        url = stack.url(name)
        for headers, path in (
            ({"Authorization": f"Bearer {head}.{body}.{signature[::-1]}"}, "/v1/outlets"),
            ({"Authorization": f"Basic {token}"}, "/v1/outlets"),
            ({"X-Request-Id": token, "Authorization": f"Bearer {token}"}, "/v1/nowhere"),
            ({"traceparent": token}, f"/v1/outlets?access_token={token}"),
        ):
            told.append(httpx.get(f"{url}{path}", headers=headers, trust_env=False).text)
        broken = {"Authorization": f"Bearer {token}", "Idempotency-Key": token, "If-Match": token}
        told.append(httpx.post(f"{url}/v1/{token}", headers=broken, content=token, trust_env=False).text)
        told.append(httpx.get(f"{url}/metrics", trust_env=False).text)
        told.append(httpx.get(f"{url}/readyz", trust_env=False).text)
    wrong = httpx.post(f"{stack.url('issuer')}/token", auth=(token, token), data={"grant_type": token})
    return "\n".join([*told, wrong.text])


def test_secrets_stay_out_of_logs_answers_and_measurements(played: tuple[Stack, Summary]) -> None:
    stack, _ = played
    token = token_of(stack, "operator-1")
    answers = provoked(stack, token)
    # Connections break while they are used, and are made anew: drivers tell of that, with addresses.
    stack.restart_postgres()
    stack.restart("ticketing")
    logs = [path for path in stack.folder.rglob("*") if path.suffix == ".log" and path.is_file()]
    assert {f"{name}.log" for name in (*SERVICES, "issuer")} <= {path.name for path in logs}
    told = {path.name: path.read_text("utf-8", errors="replace") for path in logs} | {"answers": answers}
    known = secrets_of(stack)
    assert len(known) >= 2 * len(SERVICES)
    for name, text in told.items():
        assert not [secret[:4] for secret in known if secret in text], name
        assert not TOKEN.search(text), name
        assert not ADDRESS.search(text), name

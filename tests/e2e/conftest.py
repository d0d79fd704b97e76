"""One stack on which a day has been played, for all tests of the folder."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.demo.day import Summary, play
from deploy.devstack.stack import Stack

TICKETS = 240
SALES = 20


@pytest.fixture(scope="package")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Stack, Summary]]:
    """A stack of its own on which a day has been played."""
    stack = Stack(tmp_path_factory.mktemp("stack"))
    await asyncio.to_thread(stack.start)
    try:
        yield stack, await play(stack, tickets=TICKETS, sales=SALES, seconds=15.0, seed=3)
    finally:
        await asyncio.to_thread(stack.stop)


def token_of(stack: Stack, client: str) -> str:
    """An access token of one of the demo's users."""
    secret = str(stack.users.describe()[client]["client_secret"])
    form = {"grant_type": "client_credentials"}
    answer = httpx.post(f"{stack.url('issuer')}/token", data=form, auth=(client, secret), trust_env=False)
    return str(answer.raise_for_status().json()["access_token"])

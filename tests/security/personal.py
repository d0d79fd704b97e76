"""Personal data fed into every field of every request that takes a body: none of it gets where it must not.

Names, phone numbers, identity numbers and a customer's own words may stand in the database and in answers
to those who may read them; never in a log line, a fact or a metric.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from tests.security.authorisation import Policy, World
from tests.security.operations import ROLES, Operation, operations

SECRET = "q7-Lr42-credential"
MARKS = ("欧阳测试甲", "13900001111", "110101199003070011", "我的卡号和住址都在这里")


def bodies(operation: Operation, world: World, mark: str) -> Iterator[Any]:
    """A good body with the mark in every free text, and bodies with it where it is not valid."""
    good = world.body(operation, world.ids) or {}
    free = dict.fromkeys(operation.free_texts(), mark)
    yield good | free
    yield good | dict.fromkeys(good, mark)
    yield good | {mark: mark}
    yield [mark]
    yield mark


async def check_personal_data(
    world: World, policy: Policy, caplog: pytest.LogCaptureFixture, named_by_bank: Mapping[str, str]
) -> None:
    """``named_by_bank``: facts' fields (``type field``) whose text the bank chose, and what it says."""
    caplog.set_level(logging.DEBUG)
    slips: list[str] = []
    taken: set[str] = set()
    wanted = [operation for operation in operations(world.kit) if operation.body is not None]
    with capture_logs() as lines:
        for operation in wanted:
            for role in (role for role in ROLES if policy.permits(role, operation)):
                async for status, slip in fed(world, operation, role):
                    slips += [f"{role}: {operation.id}: {slip}"] if slip else []
                    taken |= {operation.id} if status < 300 else set()
    places = {"logs": f"{lines}{caplog.text}", "metrics": generate_latest().decode()}
    for fact in await world.kit.facts():
        for name, value in fact.data.items():
            if f"{fact.type} {name}" not in named_by_bank:
                places[f"{fact.type} {name}"] = f"{places.get(f'{fact.type} {name}', '')}{value}"
    slips += [f"a mark is in {place}" for place, text in places.items() if any(m in text for m in MARKS)]
    assert not slips, "\n".join(sorted(set(slips)))
    assert lines, "refusals are logged, so nothing was looked at"
    assert taken, "no request with personal data was taken, so nothing was looked at"


async def fed(world: World, operation: Operation, role: str) -> Any:
    """Status and slip of each request of a role with personal data in it."""
    path = operation.path.format_map(world.ids)
    given = dict(world.headers.get(operation.id, {}))
    async with world.insider(role) as insider:
        for mark in MARKS:
            for body in bodies(operation, world, mark):
                for version in (1, 2):
                    headers = {"If-Match": f'"{version}"'} | given
                    answer = await insider.request(operation.method, path, json=body, headers=headers)
                    slip = f"{answer.status_code} {answer.text}" if answer.status_code >= 500 else None
                    yield answer.status_code, slip


async def check_credentials(world: World, policy: Policy) -> None:
    """PRI-08: a field that would hold a credential is refused in every body, and in no body for nothing."""
    slips: list[str] = []
    taken: set[str] = set()
    for operation in operations(world.kit):
        role = next((role for role in ROLES if policy.permits(role, operation)), None)
        good = world.body(operation, world.ids)
        if role is None or good is None:
            continue
        headers = {"If-Match": '"1"'} | dict(world.headers.get(operation.id, {}))
        path = operation.path.format_map(world.ids)
        async with world.insider(role) as insider:
            for body, wanted in ((good | {"pay_password": SECRET}, True), (good, False)):
                answer = await insider.request(operation.method, path, json=body, headers=headers)
                told = answer.json() if answer.content else {}
                if (told.get("code") == "C3_DATA_REJECTED") != wanted or SECRET in answer.text:
                    slips.append(f"{operation.id}: {answer.status_code} {answer.text}")
                taken |= {operation.id} if answer.status_code < 300 else set()
    assert not slips, "\n".join(slips)
    assert taken, "no good request was taken, so nothing was shown"

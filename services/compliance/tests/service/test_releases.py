"""Two compliance officers stand for a release of the rulebook, each in his own name and for good."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from chassis.testing import Caller, ServiceKit
from compliance.retention.release import shipped_release
from compliance.rules.measures import MEASURES
from services.compliance.tests.registers import Json, etag, ok, refusal
from services.compliance.tests.selling import make_ready


def path() -> str:
    return f"/v1/releases/{shipped_release().digest}"


async def approve(officer: Caller, version: int = 1) -> Json:
    """The officer stands for the shipped release."""
    return ok(await officer.post(f"{path()}/approval", headers=etag(version)), version + 1)


async def missing(kit: ServiceKit) -> int | None:
    """What the measure says."""
    async with kit.session() as session:
        found: int | None = await session.scalar(text(MEASURES[0].statement))
        return found


async def test_two_officers_make_a_release_approved(kit: ServiceKit, officer: Caller) -> None:
    shipped = ok(await officer.get("/v1/releases"))["shipped"]
    assert shipped["digest"] == shipped_release().digest
    assert (shipped["approved"], shipped["stored_at"], shipped["approvals"]) == (False, None, [])
    assert shipped["rules"] == len(shipped_release().rules)
    first = await approve(officer)
    assert (first["approved"], first["version"]) == (False, 2)
    second = await approve(kit.client("compliance_officer", subject="officer-2"), 2)
    assert second["approved"] is True
    assert [one["subject"] for one in second["approvals"]] == ["officer-1", "officer-2"]
    listed = ok(await kit.client("auditor").get("/v1/releases"))
    assert listed["items"] == [listed["shipped"]] == [second]
    assert ok(await kit.client("operator").get(path()), 3) == second


async def test_one_officer_is_not_two(kit: ServiceKit, officer: Caller) -> None:
    await approve(officer)
    again = await officer.post(f"{path()}/approval", headers=etag(2))
    assert refusal(again) == (409, "RELEASE_APPROVED_ALREADY")
    assert ok(await officer.get(path()), 2)["approved"] is False


async def test_an_approval_names_what_the_officer_has_seen(kit: ServiceKit, officer: Caller) -> None:
    await approve(officer)
    other = kit.client("compliance_officer", subject="officer-2")
    assert refusal(await other.post(f"{path()}/approval", headers=etag(1)))[0] == 412
    assert refusal(await other.post(f"{path()}/approval"))[0] == 428
    unknown = f"/v1/releases/{'0' * 64}"
    assert refusal(await other.post(f"{unknown}/approval", headers=etag(1)))[0] == 404
    assert refusal(await other.get(unknown))[0] == 404


async def test_nobody_takes_back_or_forges_an_approval(kit: ServiceKit, officer: Caller) -> None:
    await approve(officer)
    for statement in ("UPDATE release_approvals SET subject = 'officer-2'", "DELETE FROM release_approvals"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with kit.session() as session:
                await session.execute(text(statement))


async def test_what_decides_without_two_officers_is_shown(kit: ServiceKit, officer: Caller) -> None:
    assert await missing(kit) is None
    deal = await make_ready(kit)
    ok(await deal.sell())
    assert await missing(kit) == 2
    listed = ok(await officer.get("/v1/releases"))
    assert listed["items"][0]["stored_at"] is not None
    await approve(officer)
    assert await missing(kit) == 1
    await approve(kit.client("compliance_officer", subject="officer-2"), 2)
    assert await missing(kit) == 0

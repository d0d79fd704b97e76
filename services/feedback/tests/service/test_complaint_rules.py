"""The rules that complaints keep, each with what it refuses and what it lets pass, through the API."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.runtime import run_job
from chassis.testing import ServiceKit
from feedback.intake.domain import HEAD_OFFICE_DESK
from feedback.service import service
from services.feedback.tests.visits import (
    OTHER_OUTLET,
    OUTLET,
    Json,
    act,
    complaint_body,
    decision_body,
    etag,
    ok,
    opened,
    refused,
)

WATCH = next(job for job in service.jobs if job.name == "watch_complaints")

#: Received on 2 March 2026: the last day is 17 March, over at 24:00 in Shanghai.
REMINDER = datetime(2026, 3, 13, 16, tzinfo=UTC)
OVER = datetime(2026, 3, 17, 16, tzinfo=UTC)
TICK = timedelta(microseconds=1)


async def watch(kit: ServiceKit) -> None:
    """One run of the job that watches deadlines."""
    assert not await run_job(kit.sessions, kit.clock, kit.settings, WATCH)


async def kinds(kit: ServiceKit) -> list[str]:
    """The kinds of the recorded facts, in order."""
    return [fact.type.split(".")[2] for fact in await kit.facts()]


async def shown(kit: ServiceKit, complaint: Json) -> Json:
    """The complaint as an auditor sees it."""
    async with kit.client("auditor") as auditor:
        return ok(await auditor.get(f"/v1/complaints/{complaint['id']}"))


@pytest.mark.rule("CMP-03", side="refuse")
@pytest.mark.mechanism("M123")
async def test_owner_cannot_be_changed(kit: ServiceKit) -> None:
    complaint = await opened(kit)
    path = f"/v1/complaints/{complaint['id']}"
    change = {"first_contact_owner": "somebody-else"}
    async with kit.client("complaint_handler", "outlet_head", subject="handler-2") as handler:
        for method in ("PUT", "PATCH", "DELETE", "POST"):
            refused(await handler.request(method, path, json=change), 405, "METHOD_NOT_ALLOWED")
        for transition, body in [("decision", decision_body()), ("withdrawal", {})]:
            answer = await handler.post(f"{path}/{transition}", json=body | change, headers=etag(1))
            errors = refused(answer, 422, "PAYLOAD_INVALID")["errors"]
            assert [error["pointer"] for error in errors] == ["/first_contact_owner"]
    assert (await shown(kit, complaint))["first_contact_owner"] == "handler-1"


@pytest.mark.rule("CMP-03", side="refuse")
async def test_database_keeps_the_owner_from_the_service_itself(kit: ServiceKit) -> None:
    await opened(kit)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with kit.session() as session:
            await session.execute(text("UPDATE complaints SET first_contact_owner = 'somebody-else'"))


@pytest.mark.rule("CMP-03", side="pass")
@pytest.mark.mechanism("M123")
async def test_others_handle_it_and_the_owner_stays(kit: ServiceKit) -> None:
    complaint = await opened(kit)
    complaint = ok(await act(kit, complaint, "decision", decision_body()))
    complaint = ok(await act(kit, complaint, "settlement", {"note": "Apology accepted."}))
    assert (complaint["first_contact_owner"], complaint["steps"][-1]["by"]) == ("handler-1", "handler-2")


@pytest.mark.rule("CMP-03", side="pass")
async def test_what_customers_file_has_an_owner_from_the_first_moment(kit: ServiceKit) -> None:
    async def owner(outlet_id: object = OUTLET) -> Any:
        async with kit.client("customer", subject="customer-1") as customer:
            answer = await customer.post("/v1/complaints", json=complaint_body(outlet_id=str(outlet_id)))
        return ok(answer)["first_contact_owner"]

    async def assign(subject: str, outlet_id: object) -> None:
        body = {"outlet_id": None if outlet_id is None else str(outlet_id), "subject": subject}
        async with kit.client("complaint_handler") as handler:
            ok(await handler.post("/v1/intake_assignments", json=body))
        kit.clock.advance(timedelta(seconds=1))

    assert await owner() == HEAD_OFFICE_DESK
    await assign("desk-1", None)
    assert await owner() == "desk-1"
    await assign("intake-1", OUTLET)
    await assign("intake-2", OUTLET)
    assert await owner() == "intake-2"
    assert await owner(OTHER_OUTLET) == "desk-1"


@pytest.mark.rule("CMP-08", side="pass")
@pytest.mark.parametrize("decided", [False, True])
async def test_withdrawal_ends_it_on_the_day_it_arrives(kit: ServiceKit, decided: bool) -> None:
    async with kit.client("customer", subject="customer-1", outlets=()) as customer:
        complaint = ok(await customer.post("/v1/complaints", json=complaint_body()))
    if decided:
        complaint = ok(await act(kit, complaint, "decision", decision_body()))
    # 23:59:59 in Shanghai: the day is the bank's, not UTC's and not the next one.
    kit.clock.instant = datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC)
    async with kit.client("customer", subject="customer-1", outlets=()) as customer:
        path = f"/v1/complaints/{complaint['id']}/withdrawal"
        complaint = ok(await customer.post(path, json={"note": "解决了"}, headers=etag(complaint["version"])))
    step = complaint["steps"][-1]
    assert (complaint["status"], step["kind"], step["by"]) == ("withdrawn", "withdrawn", "customer-1")
    fact = (await kit.facts("feedback.complaint.withdrawn.v1"))[0]
    assert (fact.sequence, fact.data["withdrawn_on"]) == (complaint["version"], "2026-03-05")
    assert "解决了" not in fact.data.values()


@pytest.mark.rule("CMP-08", side="refuse")
async def test_nothing_happens_to_what_was_withdrawn(kit: ServiceKit) -> None:
    complaint = ok(await act(kit, await opened(kit), "withdrawal", {}))
    for transition, body in [
        ("decision", decision_body()),
        ("settlement", {"note": "x"}),
        ("withdrawal", {}),
    ]:
        refused(await act(kit, complaint, transition, body), 409, "COMPLAINT_ENDED")
    kit.clock.instant = OVER
    await watch(kit)
    assert await kinds(kit) == ["opened", "withdrawn"]


@pytest.mark.rule("CMP-09", side="pass")
async def test_decided_in_the_last_moment_is_in_time(kit: ServiceKit) -> None:
    complaint = await opened(kit)
    kit.clock.instant = OVER - TICK
    await watch(kit)
    complaint = ok(await act(kit, await shown(kit, complaint), "decision", decision_body()))
    kit.clock.instant = OVER
    await watch(kit)
    assert await kinds(kit) == ["opened", "escalated", "decided"]
    assert (await kit.facts("feedback.complaint.decided.v1"))[0].data["late"] is False


@pytest.mark.rule("CMP-09", side="refuse")
@pytest.mark.parametrize("watched", [False, True])
async def test_a_moment_later_it_is_overdue_for_good(kit: ServiceKit, watched: bool) -> None:
    complaint = await opened(kit)
    kit.clock.instant = OVER
    if watched:
        await watch(kit)
        await watch(kit)
        complaint = await shown(kit, complaint)
    complaint = ok(await act(kit, complaint, "decision", decision_body()))
    await watch(kit)
    facts = await kit.facts()
    assert [(fact.sequence, fact.type.split(".")[2]) for fact in facts] == [
        (1, "opened"),
        (2, "escalated"),
        (3, "overdue"),
        (4, "decided"),
    ]
    assert facts[-1].data["late"] is True
    assert facts[-2].data == {
        "version": 3,
        "occurred_at": "2026-03-17T16:00:00Z",
        "complaint_id": complaint["id"],
        "outlet_id": str(OUTLET),
        "sale_id": None,
        "due_on": "2026-03-17",
        "first_contact_owner": "handler-1",
    }
    assert [step["kind"] for step in complaint["steps"]] == ["escalated", "overdue", "decided"]


@pytest.mark.rule("CMP-09", side="refuse")
async def test_owner_is_reminded_three_days_before_once(kit: ServiceKit) -> None:
    complaint = await opened(kit)
    kit.clock.instant = REMINDER - TICK
    await watch(kit)
    assert await kinds(kit) == ["opened"]
    kit.clock.instant = REMINDER
    await watch(kit)
    kit.clock.instant = OVER - TICK
    await watch(kit)
    assert await kinds(kit) == ["opened", "escalated"]
    step = (await shown(kit, complaint))["steps"][0]
    assert (step["by"], step["at"]) == ("clock", "2026-03-13T16:00:00Z")


@pytest.mark.rule("CMP-09", side="refuse")
@pytest.mark.parametrize(
    "column", ["due_on = due_on + 1", "due_at = due_at + interval '1 day'", "received_at = now()"]
)
async def test_database_keeps_the_deadline_from_the_service_itself(kit: ServiceKit, column: str) -> None:
    await opened(kit)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with kit.session() as session:
            await session.execute(text(f"UPDATE complaints SET {column}"))


async def test_watches_in_batches(kit: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await opened(kit)
    monkeypatch.setattr("feedback.complaints.commands.WATCHED_AT_ONCE", 2)
    kit.clock.instant = OVER
    assert await run_job(kit.sessions, kit.clock, kit.settings, WATCH)
    await watch(kit)
    assert sorted(await kinds(kit)) == ["escalated"] * 3 + ["opened"] * 3 + ["overdue"] * 3


async def test_clock_and_handler_at_once_keep_the_order_of_versions(kit: ServiceKit) -> None:
    complaints = [await opened(kit) for _ in range(6)]
    kit.clock.instant = OVER
    answers, *_ = await asyncio.gather(
        asyncio.gather(*[act(kit, complaint, "decision", decision_body()) for complaint in complaints]),
        watch(kit),
    )
    for complaint, answer in zip(complaints, answers, strict=True):
        facts = [fact for fact in await kit.facts() if fact.key == complaint["id"]]
        told = [fact.type.split(".")[2] for fact in facts]
        # The clock was first, and the handler reads again; or the handler was, and did the clock's part.
        decided = ["decided"] if answer.status_code == 200 else []
        assert told == ["opened", "escalated", "overdue", *decided]
        assert [fact.sequence for fact in facts] == list(range(1, len(facts) + 1))
        assert answer.status_code in (200, 412)

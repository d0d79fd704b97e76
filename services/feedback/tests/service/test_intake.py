"""Intake owners over HTTP: the newest assignment holds, the older ones stay."""

from datetime import timedelta

from chassis.testing import ServiceKit
from services.feedback.tests.visits import OTHER_OUTLET, OUTLET, ok, refused

PATH = "/v1/intake_assignments"


async def test_lists_assignments_newest_first(kit: ServiceKit) -> None:
    async with kit.client("outlet_head", subject="head-1", outlets=(str(OUTLET),)) as head:
        for subject in ("intake-1", "intake-2", "intake-3"):
            answer = await head.post(PATH, json={"outlet_id": str(OUTLET), "subject": subject})
            assert answer.status_code == 201
            kit.clock.advance(timedelta(minutes=1))
        filters = {"outlet_id": str(OUTLET), "limit": "2"}
        first = ok(await head.get(PATH, params=filters))
        rest = ok(await head.get(PATH, params=filters | {"cursor": first["next_cursor"]}))
    items = first["items"] + rest["items"]
    assert [item["subject"] for item in items] == ["intake-3", "intake-2", "intake-1"]
    assert (items[0]["assigned_by"], items[0]["assigned_at"]) == ("head-1", "2026-03-02T01:02:00Z")


async def test_outlets_and_the_bank_keep_their_own(kit: ServiceKit) -> None:
    async with kit.client("outlet_head", outlets=(str(OUTLET),)) as head:
        for place in (str(OTHER_OUTLET), None):
            refused(await head.post(PATH, json={"outlet_id": place, "subject": "me"}), 404, "NOT_FOUND")
        refused(await head.get(PATH, params={"outlet_id": str(OTHER_OUTLET)}), 404, "NOT_FOUND")
        refused(await head.get(PATH), 404, "NOT_FOUND")
    async with kit.client("complaint_handler", outlets=("*",)) as desk:
        ok(await desk.post(PATH, json={"outlet_id": None, "subject": "desk-1"}))
        assert [item["subject"] for item in ok(await desk.get(PATH))["items"]] == ["desk-1"]
        answer = await desk.post(PATH, json={"outlet_id": None, "subject": ""})
        assert refused(answer, 422, "PAYLOAD_INVALID")["errors"][0]["pointer"] == "/subject"

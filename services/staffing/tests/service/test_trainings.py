"""Training and experience through the API, and the facts about them (SAL-10)."""

from datetime import timedelta

from chassis.events import to_json
from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from services.staffing.tests.branch import (
    Json,
    employee_body,
    etag,
    experience_body,
    grant,
    join,
    ok,
    open_outlet,
    refusal,
    train,
    training_body,
)


async def hired(planner: Caller) -> tuple[Json, str]:
    """An employee at version 1, and the path to him."""
    employee = await join(planner, (await open_outlet(planner))["id"])
    return employee, f"/v1/employees/{employee['id']}"


async def test_each_record_is_a_version_of_the_employee_and_a_fact(
    kit: ServiceKit, planner: Caller, compliance: Caller
) -> None:
    employee, path = await hired(planner)
    now, body = to_json(kit.clock.now()), training_body(kind="investment_insurance", minutes=2400)
    recorded = await planner.post(f"{path}/trainings", json=body, headers=etag(1))
    training = ok(recorded)
    assert (recorded.status_code, recorded.headers["etag"]) == (201, '"2"')
    unannulled = {"annulled_by": None, "annulled_at": None, "annulment_reason": None}
    about = {"id": training["id"], "employee_id": employee["id"]}
    assert training == about | body | {"recorded_by": "planner-1", "recorded_at": now} | unannulled

    since = await planner.post(f"{path}/experience", json=experience_body(), headers=etag(2))
    assert (since.status_code, since.headers["etag"]) == (201, '"3"')
    assert (ok(since)["selling_since"], ok(since)["recorded_by"]) == ("2024-03-02", "planner-1")
    earlier = experience_body(selling_since="2023-01-01")
    assert (await planner.post(f"{path}/experience", json=earlier, headers=etag(3))).status_code == 201

    annulment = f"{path}/trainings/{training['id']}/annulment"
    annulled = await compliance.post(annulment, json={"reason": "Not attended"}, headers=etag(4))
    assert annulled.headers["etag"] == '"5"'
    by = {"annulled_by": "compliance-1", "annulled_at": now, "annulment_reason": "Not attended"}
    assert ok(annulled) == training | by
    assert ok(await planner.get(f"{path}/trainings"))["items"] == [training | by]
    told = ok(await planner.get(f"{path}/experience"))["items"]
    assert [one["selling_since"] for one in told] == ["2024-03-02", "2023-01-01"]
    assert ok(await planner.get(path))["version"] == 5

    facts = [fact for fact in await kit.facts() if fact.topic == "staffing.employees.v1"][1:]
    assert [fact.sequence for fact in facts] == [2, 3, 4, 5]
    assert {fact.key for fact in facts} == {employee["id"]}
    known = {"employee_id": employee["id"], "training_id": training["id"], "kind": "investment_insurance"}
    assert [(fact.type.removeprefix("staffing."), without_place(fact.data)) for fact in facts] == [
        ("training.recorded.v1", known | {"minutes": 2400, "completed_on": "2026-03-02"}),
        ("experience.recorded.v1", {"employee_id": employee["id"], "selling_since": "2024-03-02"}),
        ("experience.recorded.v1", {"employee_id": employee["id"], "selling_since": "2023-01-01"}),
        ("training.annulled.v1", known),
    ]


def without_place(data: Json) -> Json:
    """What a fact says, without version and instant."""
    return {name: value for name, value in data.items() if name not in {"version", "occurred_at"}}


async def test_one_certificate_counts_once(kit: ServiceKit, planner: Caller) -> None:
    employee, path = await hired(planner)
    first = await train(planner, employee, 1)
    again = training_body(kind="investment_insurance", completed_on="2026-03-01")
    refused = await planner.post(f"{path}/trainings", json=again, headers=etag(2))
    assert refusal(refused) == (409, "TRAINING_KNOWN")
    assert refused.json()["errors"][0]["pointer"] == "/evidence_id"
    await train(planner, employee, 2, evidence_id=str(new_id()))
    # A wrong record makes way for the right one.
    why = {"reason": "Wrong kind"}
    annulment = f"{path}/trainings/{first['id']}/annulment"
    ok(await planner.post(annulment, json=why, headers=etag(3)))
    assert ok(await planner.post(f"{path}/trainings", json=again, headers=etag(4)))["kind"] == again["kind"]
    # A course has one list of those who attended it: another employee's is no repetition.
    other = await join(planner, employee["outlet_id"], "100002")
    await train(planner, other, 1)


async def test_an_annulment_is_final(planner: Caller) -> None:
    employee, path = await hired(planner)
    training = await train(planner, employee, 1)
    annulment = f"{path}/trainings/{training['id']}/annulment"
    ok(await planner.post(annulment, json={"reason": "Not attended"}, headers=etag(2)))
    again = await planner.post(annulment, json={"reason": "Not attended"}, headers=etag(3))
    assert refusal(again) == (409, "TRAINING_ANNULLED")
    stranger = await join(planner, employee["outlet_id"], "100002")
    foreign = f"/v1/employees/{stranger['id']}/trainings/{training['id']}/annulment"
    answer = await planner.post(foreign, json={"reason": "Not attended"}, headers=etag(1))
    assert refusal(answer) == (404, "TRAINING_NOT_FOUND")


async def test_what_is_recorded_has_happened(kit: ServiceKit, planner: Caller) -> None:
    """Today is the last day, by the bank's zone: at 23:59:59 in Shanghai tomorrow is still to come."""
    employee, path = await hired(planner)
    kit.clock.advance(timedelta(hours=15) - timedelta(seconds=1))
    planner = kit.client("staffing_planner", subject="planner-1")
    for where, body, name in (
        ("trainings", training_body(), "completed_on"),
        ("experience", experience_body(), "selling_since"),
    ):
        tomorrow = body | {name: "2026-03-03"}
        refused = await planner.post(f"{path}/{where}", json=tomorrow, headers=etag(1))
        assert refusal(refused) == (422, "DAY_TO_COME")
        assert refused.json()["errors"][0]["pointer"] == f"/{name}"
    await train(planner, employee, 1, completed_on="2026-03-02")
    today = experience_body(selling_since="2026-03-02")
    ok(await planner.post(f"{path}/experience", json=today, headers=etag(2)))
    kit.clock.advance(timedelta(seconds=1))
    await train(planner, employee, 3, completed_on="2026-03-03", evidence_id=str(new_id()))


async def test_minutes_are_bounded(planner: Caller) -> None:
    employee, path = await hired(planner)
    for minutes in (0, 6001):
        answer = await planner.post(f"{path}/trainings", json=training_body(minutes=minutes), headers=etag(1))
        assert answer.status_code == 422
    await train(planner, employee, 1, minutes=1)
    await train(planner, employee, 2, minutes=6000, evidence_id=str(new_id()))


async def test_nobody_vouches_for_himself(kit: ServiceKit, planner: Caller) -> None:
    employee, path = await hired(planner)
    training = await train(planner, employee, 1)
    himself = kit.client("staffing_planner", subject=employee["subject"])
    for where, body in (
        ("trainings", training_body(evidence_id=str(new_id()))),
        ("experience", experience_body()),
        (f"trainings/{training['id']}/annulment", {"reason": "Not attended"}),
    ):
        answer = await himself.post(f"{path}/{where}", json=body, headers=etag(2))
        assert refusal(answer) == (403, "OWN_TRAINING_RECORD"), where
    assert ok(await planner.get(path))["version"] == 2


async def test_who_has_left_learns_no_more(planner: Caller) -> None:
    employee, path = await hired(planner)
    training = await train(planner, employee, 1)
    ok(await planner.post(f"{path}/departure", headers=etag(2)))
    for where, body in (
        ("trainings", training_body(evidence_id=str(new_id()))),
        ("experience", experience_body()),
        (f"trainings/{training['id']}/annulment", {"reason": "Not attended"}),
    ):
        answer = await planner.post(f"{path}/{where}", json=body, headers=etag(3))
        assert refusal(answer) == (409, "EMPLOYEE_LEFT"), where


async def test_trainings_and_qualifications_share_one_order(kit: ServiceKit, planner: Caller) -> None:
    employee, path = await hired(planner)
    await train(planner, employee, 1)
    await grant(planner, employee, 2)
    ok(await planner.post(f"{path}/experience", json=experience_body(), headers=etag(3)))
    ok(await planner.put(path, json=employee_body(employee["outlet_id"], subject=None), headers=etag(4)))
    assert [fact.sequence for fact in await kit.facts() if fact.key == employee["id"]] == [1, 2, 3, 4, 5]

"""A branch hall: an outlet with queues and counters, and the people in it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from chassis.ids import new_id
from chassis.inbox import Record
from chassis.testing import Caller, ServiceKit

HERE = UUID("0190a000-0000-7000-8000-000000000001")
ELSEWHERE = UUID("0190a000-0000-7000-8000-000000000002")
UNKNOWN = UUID("0190a000-0000-7000-8000-00000000ffff")
TODAY = "2026-03-02"
NINE_TO_FIVE = {"opens": "09:00", "closes": "17:00"}

Json = dict[str, Any]


@dataclass
class Hall:
    """What was set up, by name: queues by letter, counters by label."""

    kit: ServiceKit
    queues: dict[str, str] = field(default_factory=dict)
    counters: dict[str, str] = field(default_factory=dict)

    def client(self, role: str, **claims: Any) -> Caller:
        """Somebody of this outlet."""
        return self.kit.client(
            role, outlets=(str(HERE),), subject=claims.pop("subject", f"{role}-1"), **claims
        )

    @property
    def kiosk(self) -> Caller:
        """The kiosk at the door."""
        return self.client("kiosk")

    @property
    def teller(self) -> Caller:
        """A teller."""
        return self.client("teller")


def ok(response: httpx.Response) -> Json:
    """The answer's body; fails the test when the request was refused."""
    assert response.status_code < 400, response.text
    body: Json = response.json()
    return body


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["code"]


def etag(version: int) -> dict[str, str]:
    """The header that names the version to change."""
    return {"If-Match": f'"{version}"'}


def names(code: str) -> Json:
    """Names in both languages."""
    return {"name_zh": f"业务{code}", "name_en": code.capitalize()}


async def offer(kit: ServiceKit, *codes: str) -> None:
    """Enters services into the catalogue."""
    async with kit.client("operator") as operator:
        for code in codes:
            ok(await operator.post("/v1/services", json={"code": code, **names(code)}))


async def add_queue(hall: Hall, letter: str, *codes: str, outlet: UUID = HERE) -> str:
    """A queue at an outlet."""
    async with hall.kit.client("operator") as operator:
        body = {"letter": letter, "service_codes": sorted(codes), **names(letter)}
        queue = ok(await operator.post(f"/v1/outlets/{outlet}/queues", json=body))
    if outlet == HERE:
        hall.queues[letter] = queue["id"]
    return str(queue["id"])


async def add_counter(hall: Hall, label: str, *letters: str) -> str:
    """A counter that calls from the queues with these letters."""
    async with hall.client("outlet_head") as head:
        body = {"label": label, "queue_ids": [hall.queues[letter] for letter in letters]}
        counter = ok(await head.post(f"/v1/outlets/{HERE}/counters", json=body))
    hall.counters[label] = counter["id"]
    return str(counter["id"])


async def sit_down(hall: Hall, label: str = "1", employee: UUID | None = None) -> Json:
    """Seats an employee at a counter."""
    async with hall.teller as teller:
        body = {"employee_id": str(employee or new_id())}
        return ok(await teller.post(f"/v1/counters/{hall.counters[label]}/sessions", json=body))


async def set_up(kit: ServiceKit) -> Hall:
    """Queue A for cash and cards, queue B for loans, counter 1 for both; staffing has told us nothing yet."""
    hall = Hall(kit)
    await offer(kit, "cash", "card", "loan")
    await add_queue(hall, "A", "cash", "card")
    await add_queue(hall, "B", "loan")
    await add_counter(hall, "1", "A", "B")
    return hall


async def take(hall: Hall, service: str = "cash", **given: Any) -> Json:
    """A number from the kiosk."""
    async with hall.kiosk as kiosk:
        return ok(await kiosk.post(f"/v1/outlets/{HERE}/tickets", json={"service_code": service, **given}))


async def call(hall: Hall, label: str = "1") -> Json:
    """The next customer of the counter."""
    async with hall.teller as teller:
        return ok(await teller.post(f"/v1/counters/{hall.counters[label]}/calls"))


async def step(hall: Hall, ticket: Json, name: str, *, role: str = "teller") -> Json:
    """One step of a ticket that was just seen."""
    async with hall.client(role) as client:
        path = f"/v1/tickets/{ticket['id']}/{name}"
        return ok(await client.post(path, headers=etag(ticket["version"])))


def told(kit: ServiceKit, version: int = 1, type_: str = "opened", **given: Any) -> Record:
    """What staffing tells about the outlet."""
    state = {
        "code": "SH-0001",
        "name": "Renmin Road",
        "outlet_class": "B",
        "grade": 10,
        "capabilities": ["cash"],
        "timezone": "Asia/Shanghai",
        "cutover_hour": 0,
        "week": [NINE_TO_FIVE] * 5 + [None, None],
        "exceptions": {"2026-03-03": None},
    }
    data: Json = {"outlet_id": HERE, "version": version, "outlet": state | given}
    if type_ == "closed":
        data = {"outlet_id": HERE, "version": version, "reason": "Merged"}
    return kit.record("staffing.outlets.v1", f"staffing.outlet.{type_}.v1", str(HERE), data, sequence=version)

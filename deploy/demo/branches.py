"""The outlets of the demo bank with their people, queues and counters; what exists already is used again."""

import asyncio
import itertools
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.demo.client import Actor, Unexpected, Wire
from deploy.demo.ledger import Ledger, Op
from deploy.demo.preparing import prepare
from deploy.devstack.users import User

ZONE = ZoneInfo("Asia/Shanghai")
#: Hours from now until the business date changes: nothing rolls while the day is played.
CUTOVER_AWAY = 12
#: Closer than this, kept outlets get a new cut-over.
CUTOVER_NEAR = timedelta(hours=2)
WAIT_SECONDS = 120.0


@dataclass(frozen=True)
class OutletPlan:
    """One outlet as it is to be."""

    code: str
    name: str
    outlet_class: str
    grade: int
    counters: int
    capabilities: tuple[str, ...] = ("cash", "wealth_sale", "agency_sale")


OUTLETS = (
    OutletPlan("W001", "城东支行营业部", "A", 13, 6, ("cash", "corporate", "wealth_sale", "agency_sale")),
    OutletPlan("W002", "人民路支行", "A", 12, 5, ("cash", "corporate", "wealth_sale", "agency_sale")),
    OutletPlan("W003", "大学城支行", "B", 11, 4),
    OutletPlan("W004", "滨江支行", "B", 10, 4),
    OutletPlan("W005", "老街支行", "C", 9, 3),
    OutletPlan("W006", "开发区支行", "C", 8, 3),
)

#: The bank's services by kind of queue, with their names.
CATALOGUE = (
    (("cash_deposit", "存款", "Cash deposit"), ("cash_withdrawal", "取款", "Cash withdrawal")),
    (("account", "开户与变更", "Accounts"), ("card", "银行卡", "Cards")),
    (("corporate", "对公业务", "Corporate banking"), ("wealth_advice", "理财咨询", "Wealth advice")),
)
QUEUE_NAMES = (
    ("个人现金业务", "Cash"),
    ("个人非现金业务", "Personal"),
    ("对公与理财", "Corporate and wealth"),
)


@dataclass(frozen=True)
class Queue:
    """A queue of today: what the kiosk asks for."""

    id: str
    letter: str
    services: tuple[str, ...]


@dataclass(frozen=True)
class Counter:
    """A counter and who sits at it."""

    id: str
    label: str
    teller: Actor
    employee_id: str


@dataclass(frozen=True)
class Seller:
    """Somebody who sells, and the employee whom staffing knows."""

    actor: Actor
    employee_id: str


@dataclass
class Branch:
    """An outlet, ready to open its doors. ``first`` are tickets that were taken to see whether it is open."""

    plan: OutletPlan
    id: str
    kiosk: Actor
    lobby: Actor
    head: Actor
    business_date: date = date.min
    queues: list[Queue] = field(default_factory=list)
    counters: list[Counter] = field(default_factory=list)
    sellers: list[Seller] = field(default_factory=list)
    first: list[dict[str, Any]] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The outlet's code."""
        return self.plan.code


class Branches:
    """Loads the outlets, as the planner, the operator and the heads of the outlets."""

    def __init__(self, wire: Wire, ledger: Ledger) -> None:
        self._wire = wire
        self._ledger = ledger
        self._planner = self.actor("planner-1")
        self._operator = self.actor("operator-1")

    def actor(self, client_id: str) -> Actor:
        """A player with the token of a user."""
        return Actor(self._wire, self._ledger, client_id)

    async def load(self) -> list[Branch]:
        """Every outlet, open, staffed, and known to ticketing."""
        known = {one["code"]: one for one in await self._planner.everything("staffing", "/v1/outlets")}
        ids = [await self._outlet(plan, known.get(plan.code)) for plan in OUTLETS]
        await asyncio.to_thread(self._wire.stack.users.add_all, list(_users(ids)))
        await self._services()
        branches = [
            Branch(
                plan,
                id_,
                kiosk=self.actor(f"kiosk-{plan.code}"),
                lobby=self.actor(f"lobby-{plan.code}"),
                head=self.actor(f"head-{plan.code}"),
            )
            for plan, id_ in zip(OUTLETS, ids, strict=True)
        ]
        await asyncio.gather(*(self._furnish(branch) for branch in branches))
        return branches

    async def _outlet(self, plan: OutletPlan, known: dict[str, Any] | None) -> str:
        now = datetime.now(ZONE)
        kept = None if known is None else known["calendar"]["cutover_hour"]
        if kept is None or until_cutover(now, kept) < CUTOVER_NEAR:
            kept = (now.hour + CUTOVER_AWAY) % 24
        body = {
            "name": plan.name,
            "outlet_class": plan.outlet_class,
            "grade": plan.grade,
            "capabilities": list(plan.capabilities),
            "calendar": {
                "timezone": ZONE.key,
                "cutover_hour": kept,
                "week": [{"opens": "00:00", "closes": "23:59"}] * 7,
            },
        }
        if known is None:
            opened = await self._planner.act(
                Op.OUTLET_OPEN,
                "staffing",
                "/v1/outlets",
                {**body, "code": plan.code},
                learn={"outlet_id": "id"},
            )
            return str(opened.expect(f"open outlet {plan.code}").body["id"])
        # Told anew on each run: a service that has learnt to keep calendars since then has not heard of it.
        path = f"/v1/outlets/{known['id']}"
        changed = await self._planner.act(
            None, "staffing", path, body, method="PUT", if_match=known["version"]
        )
        changed.expect(f"change outlet {plan.code}")
        return str(known["id"])

    async def _services(self) -> None:
        known = {one["code"] for one in await self._operator.everything("ticketing", "/v1/services")}
        for code, chinese, english in itertools.chain(*CATALOGUE):
            if code not in known:
                body = {"code": code, "name_zh": chinese, "name_en": english}
                answer = await self._operator.act(None, "ticketing", "/v1/services", body)
                answer.expect(f"service {code}")

    async def _furnish(self, branch: Branch) -> None:
        employees = await self._people(branch)
        branch.business_date = await self._business_date(branch)
        for kind in range(len(CATALOGUE)):
            branch.queues.append(await self._queue(branch, kind))
        branch.counters = await self._counters(branch, employees)
        branch.sellers = [
            Seller(self.actor(name), employees[name]["id"])
            for name in sorted(employees)
            if name.startswith("seller-")
        ]

    async def _people(self, branch: Branch) -> dict[str, dict[str, Any]]:
        """The employees by the subject of their tokens."""
        found = await self._planner.everything("staffing", "/v1/employees", outlet_id=branch.id)
        employees = {one["subject"]: one for one in found if one["active"]}
        for user in staff_of(branch.plan, branch.id):
            if user.subject in employees or user.roles[0] not in _POSTS:
                continue
            body = {
                "staff_number": user.client_id.upper(),
                "outlet_id": branch.id,
                "subject": user.subject,
                "employer": "bank",
                "posts": [_POSTS[user.roles[0]]],
            }
            joined = await self._planner.act(
                Op.EMPLOYEE_JOIN,
                "staffing",
                "/v1/employees",
                body,
                ids={"outlet_id": branch.id},
                learn={"employee_id": "id"},
            )
            employees[user.subject] = dict(joined.expect(f"join {user.client_id}").body)
        for subject, employee in employees.items():
            if subject.startswith("seller-"):
                await self._qualify(employee)
                await prepare(self._planner, employee, datetime.now(ZONE))
        return employees

    async def _qualify(self, employee: dict[str, Any]) -> None:
        held = {one["kind"] for one in employee["qualifications"] if one["state"] == "valid"}
        for kind in ("wealth", "agency_insurance"):
            if kind not in held:
                await self._grant(employee["id"], kind)

    async def _grant(self, employee_id: str, kind: str) -> None:
        path = f"/v1/employees/{employee_id}"
        employee = (await self._planner.get("staffing", path)).expect("employee")
        body = {"kind": kind, "valid_from": datetime.now(ZONE).date().isoformat(), "valid_to": None}
        granted = await self._planner.act(
            Op.GRANT,
            "staffing",
            f"{path}/qualifications",
            body,
            if_match=employee.etag,
            ids={"employee_id": employee_id, "outlet_id": employee.body["outlet_id"]},
            learn={"qualification_id": "id"},
        )
        granted.expect(f"grant {kind}")

    async def _business_date(self, branch: Branch) -> date:
        """Waits until ticketing has heard of the outlet as it is now."""
        outlet = (await self._planner.get("staffing", f"/v1/outlets/{branch.id}")).expect("outlet").body
        expected = datetime.now(ZONE) - timedelta(hours=outlet["calendar"]["cutover_hour"])
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                day = await branch.head.get("ticketing", f"/v1/outlets/{branch.id}/business-day")
                if day.ok and day.body["known"] and day.body["business_date"] == str(expected.date()):
                    return expected.date()
                await asyncio.sleep(0.1)

    async def _queue(self, branch: Branch, kind: int) -> Queue:
        """A queue of the kind that still gives out numbers today.

        The letters of a day that was closed stay closed: a second run of the same day goes on with the next.
        """
        path = f"/v1/outlets/{branch.id}/queues"
        known = {one["letter"]: one for one in await branch.head.everything("ticketing", path)}
        services = tuple(code for code, _, _ in CATALOGUE[kind])
        for letter in itertools.islice(letters(), kind, None, len(CATALOGUE)):
            if letter not in known:
                chinese, english = QUEUE_NAMES[kind]
                body = {
                    "letter": letter,
                    "name_zh": chinese,
                    "name_en": english,
                    "service_codes": list(services),
                }
                made = (await branch.head.act(None, "ticketing", path, body)).expect(f"queue {letter}")
                return Queue(made.body["id"], letter, services)
            queue = Queue(known[letter]["id"], letter, services)
            first = await issue(branch.kiosk, branch, queue, services[0])
            if first.ok:
                branch.first.append(dict(first.body))
                return queue
            if first.code != "DAY_CLOSED":
                first.expect(f"a number of queue {letter}")
        raise Unexpected(f"outlet {branch.code} has used up its letters")

    async def _counters(self, branch: Branch, employees: dict[str, dict[str, Any]]) -> list[Counter]:
        path = f"/v1/outlets/{branch.id}/counters"
        known = {one["label"]: one for one in await branch.head.everything("ticketing", path)}
        queues = sorted(queue.id for queue in branch.queues)
        counters = []
        for number in range(1, branch.plan.counters + 1):
            label, teller = f"{number}", f"teller-{branch.code}-{number}"
            body = {"label": label, "queue_ids": queues}
            counter = known.get(label)
            if counter is None:
                made = await branch.head.act(None, "ticketing", path, body)
                counter = dict(made.expect(f"counter {label}").body)
            elif sorted(counter["queue_ids"]) != queues:
                there = f"/v1/counters/{counter['id']}"
                made = await branch.head.act(
                    None, "ticketing", there, body, method="PUT", if_match=counter["version"]
                )
                made.expect(f"counter {label}")
            counters.append(Counter(counter["id"], label, self.actor(teller), employees[teller]["id"]))
        return counters


async def issue(who: Actor, branch: Branch, queue: Queue, service: str, visitor: str | None = None) -> Any:
    """Takes a number. ``visitor`` only where a device recognises somebody; a customer is his own."""
    body: dict[str, Any] = {"service_code": service, "queue_id": queue.id}
    if visitor is not None:
        body["visitor"] = visitor
    return await who.act(
        Op.ISSUE,
        "ticketing",
        f"/v1/outlets/{branch.id}/tickets",
        body,
        ids={"outlet_id": branch.id, "queue_id": queue.id},
        learn={"ticket_id": "id", "number": "number", "business_date": "business_date"},
    )


def letters() -> Sequence[str]:
    """The letters of queues in their order: A … Z, AA … ZZ."""
    single = list(string.ascii_uppercase)
    return single + [first + second for first in single for second in single]


_POSTS = {
    "outlet_head": "outlet_head",
    "lobby_manager": "lobby_manager",
    "teller": "teller",
    "seller": "wealth_manager",
}


def staff_of(plan: OutletPlan, outlet_id: str) -> list[User]:
    """The people and devices of an outlet; each has a token of its own."""
    scope = (outlet_id,)

    def user(name: str, role: str, device: str | None = None) -> User:
        return User(name, name, (role,), scope, device)

    code = plan.code
    return [
        user(f"kiosk-{code}", "kiosk", f"kiosk-{code}"),
        user(f"head-{code}", "outlet_head"),
        user(f"lobby-{code}", "lobby_manager"),
        *(user(f"teller-{code}-{number}", "teller") for number in range(1, plan.counters + 1)),
        *(user(f"seller-{code}-{number}", "seller", f"desk-{code}-{number}") for number in (1, 2)),
    ]


def _users(outlet_ids: Sequence[str]) -> list[User]:
    return [user for plan, id_ in zip(OUTLETS, outlet_ids, strict=True) for user in staff_of(plan, id_)]


def until_cutover(now: datetime, hour: int) -> timedelta:
    """How long it takes from ``now`` (local time) until the business date changes at ``hour``."""
    cutover = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if cutover <= now:
        cutover += timedelta(days=1)
    return cutover.astimezone(UTC) - now.astimezone(UTC)

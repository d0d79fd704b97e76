"""What compliance has to know before anybody sells: products, zones, customers; what exists is used again."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.branches import Branch
from deploy.demo.client import Actor, Answer, Wire
from deploy.demo.jointly import LEVEL as JOINT_LEVEL
from deploy.demo.jointly import JointAccount, holder_users, open_account
from deploy.demo.ledger import Ledger, Op
from deploy.demo.recorders import Recorder, install
from deploy.devstack.users import User

WAIT_SECONDS = 120.0
#: Tolerance of the customers, C1 to C5, one after the other.
LEVELS = (1, 2, 3, 3, 4, 4, 5, 5, 3, 4, 5, 4)
#: Whose assessment is too old; its level would suit anything.
EXPIRED = "customer-expired"
EXPIRED_DAYS = 400
#: What the bank knows of each customer: of age, with more than a few sales cost. Amounts in fen.
PROFILE = {
    "birth_date": "1986-05-20",
    "capacity": "FULL",
    "means": {
        "household_annual_income_minor": 100_000_000,
        "liquid_assets_minor": 1_000_000_000,
        "currency": "CNY",
    },
}
ITEMS = ("zone_sign", "product_check_reminder", "risk_warning", "report_hotline", "product_list")
NOT_READY = "risk_warning"


@dataclass(frozen=True)
class Product:
    """A product as the registry has it; ``level`` the bank's risk level, 1 to 5."""

    id: str
    code: str
    level: int
    kind: str


@dataclass(frozen=True)
class Customer:
    """A customer with the level of his last assessment."""

    id: str
    actor: Actor
    level: int


@dataclass
class Shelf:
    """What there is to sell, where, and to whom. Zones by outlet id, recorders by zone id.

    ``bare``: a suspended zone of the first outlet that has no recorder. ``holders`` hold ``joint``.
    """

    admin: Actor
    products: list[Product]
    regraded: Product
    ended: Product
    zones: dict[str, str]
    unready: dict[str, str]
    bare: str
    recorders: dict[str, Recorder]
    customers: list[Customer]
    expired: Customer
    holders: list[Customer]
    joint: JointAccount

    async def regrade(self) -> None:
        """The product department grades the product anew: one of two levels that suit, in turn."""
        path = f"/v1/products/{self.regraded.id}"
        seen = (await self.admin.get("compliance", path)).expect("product")
        level = 5 - int(seen.body["bank_risk_level"])
        graded = await self.admin.act(
            Op.PRODUCT_GRADE,
            "compliance",
            f"{path}/risk_levels",
            {"issuer_risk_level": None, "bank_risk_level": level, "reason": "定期重评"},
            if_match=seen.etag,
            ids={"product_id": self.regraded.id},
        )
        graded.expect("grade the product anew")


def _product(code: str, name: str, kind: str, form: str, level: int, months: int | None) -> dict[str, Any]:
    agency = kind == "INVESTMENT_INSURANCE"
    return {
        "code": code,
        "name": name,
        "issuer": "示范人寿" if agency else "网点示范银行",
        "offering": "PUBLIC",
        "origin": "AGENCY" if agency else "OWN",
        "kind": kind,
        "form": form,
        "term_months": months,
        "issuer_risk_level": level if agency else None,
        "bank_risk_level": level,
        "instalment": False if agency else None,
        "benefit_certain": False if agency else None,
    }


PRODUCTS = (
    _product("WM-R1-3M", "安心三月", "WEALTH", "CLOSED_END", 1, 3),
    _product("WM-R2-6M", "稳健六月", "WEALTH", "CLOSED_END", 2, 6),
    _product("WM-R3-12M", "平衡一年", "WEALTH", "CLOSED_END", 3, 12),
    _product("WM-R4-OPEN", "进取开放", "WEALTH", "OPEN_ENDED", 4, None),
    _product("WM-R5-24M", "成长二年", "WEALTH", "CLOSED_END", 5, 24),
    _product("AG-R2-60M", "示范投连五年", "INVESTMENT_INSURANCE", "CLOSED_END", 2, 60),
)
#: Who supplies the agency products.
PARTNER = {
    "code": "DEMO-LIFE",
    "name": "示范人寿",
    "kinds": ["INSURANCE", "INVESTMENT_INSURANCE"],
    "licence_number": "DEMO-0001",
    "authority": "NFRA",
    "licence_from": "2020-01-01",
    "licence_to": None,
    "reason": "符合合作机构准入标准",
}
REGRADED = _product("WM-RX-6M", "稳进六月", "WEALTH", "CLOSED_END", 2, 6)
ENDED = _product("WM-R2-2025", "稳健二〇二五", "WEALTH", "CLOSED_END", 2, 6)


def customer_users() -> list[User]:
    """The customers' users: no outlet is theirs."""
    names = [f"customer-{number}" for number in range(1, len(LEVELS) + 1)]
    return [User(name, name, ("customer",), ()) for name in (*names, EXPIRED)]


class Stocking:
    """Loads products, zones and customers, as product admin, heads, officer and customers."""

    def __init__(self, wire: Wire, ledger: Ledger) -> None:
        self._wire = wire
        self._ledger = ledger
        self._admin = Actor(wire, ledger, "product-admin-1")
        self._officer = Actor(wire, ledger, "compliance-officer-1")
        self._crm = Actor(wire, ledger, "integration-1")

    async def load(self, branches: Sequence[Branch]) -> Shelf:
        """Everything that a sale rests on, apart from the sellers."""
        await asyncio.to_thread(self._wire.stack.users.add_all, [*customer_users(), *holder_users()])
        products = await self._products()
        zones = {branch.id: await self._zone(branch, f"{branch.code}-Z1", ready=True) for branch in branches}
        unready = {
            branch.id: await self._zone(branch, f"{branch.code}-Z2", ready=False) for branch in branches[:1]
        }
        bare = await self._zone(branches[0], f"{branches[0].code}-Z3", ready=False)
        recorders = {
            zone_id: await install(self._officer, self._crm, zone_id, f"REC-{number}")
            for number, zone_id in enumerate((*zones.values(), *unready.values()), start=1)
        }
        customers = [
            await self._customer(user.client_id, level)
            for user, level in zip(customer_users(), (*LEVELS, 5), strict=True)
        ]
        holders = [await self._customer(user.client_id, JOINT_LEVEL) for user in holder_users()]
        joint = await open_account(self._crm, tuple(holder.id for holder in holders))
        return Shelf(
            admin=self._admin,
            products=products[:-2],
            regraded=products[-2],
            ended=products[-1],
            zones=zones,
            unready=unready,
            bare=bare,
            recorders=recorders,
            customers=customers[:-1],
            expired=customers[-1],
            holders=holders,
            joint=joint,
        )

    async def _products(self) -> list[Product]:
        path = "/v1/products"
        found = []
        for status in ("ON_SALE", "EXISTING", "ENDED"):
            found += await self._admin.everything("compliance", path, status=status)
        known = {one["code"]: one for one in found}
        products = []
        for body in (*PRODUCTS, REGRADED, ENDED):
            entry = known.get(body["code"])
            if entry is None:
                supplied = body["origin"] == "AGENCY"
                given = body | ({"partner_id": await self._partner()} if supplied else {})
                entered = await self._admin.act(
                    Op.PRODUCT_LIST, "compliance", path, given, learn={"product_id": "id"}
                )
                entry = dict(entered.expect(f"product {body['code']}").body)
            if entry["instalment"] is None and body["instalment"] is not None:
                await self._complete(entry, body)
            if entry["origin"] == "AGENCY":
                await self._admit(entry)
            if body is ENDED and entry["status"] == "ON_SALE":
                withdrawn = await self._admin.act(
                    Op.PRODUCT_WITHDRAW,
                    "compliance",
                    f"{path}/{entry['id']}/withdrawal",
                    {"status": "ENDED", "reason": "产品已到期"},
                    if_match=entry["version"],
                    ids={"product_id": entry["id"]},
                )
                withdrawn.expect(f"withdraw {body['code']}")
            products.append(Product(entry["id"], body["code"], body["bank_risk_level"], body["kind"]))
        return products

    async def _partner(self) -> str:
        """The insurer on the list, admitted where it is not yet."""
        path = "/v1/partners"
        known = {one["code"]: one for one in await self._admin.everything("compliance", path)}
        if PARTNER["code"] in known:
            return str(known[PARTNER["code"]]["id"])
        admitted = await self._admin.act(
            Op.PARTNER_ADMIT, "compliance", path, PARTNER, learn={"partner_id": "id"}
        )
        return str(admitted.expect("admit the partner").body["id"])

    async def _admit(self, product: Mapping[str, Any]) -> None:
        """Due diligence and the approval that a product of its kind needs, unless it has them."""
        path, ids = f"/v1/products/{product['id']}", {"product_id": str(product["id"])}
        seen = (await self._admin.get("compliance", f"{path}/admission")).expect("admission")
        if seen.body["state"] == "ADMITTED":
            return
        version = seen.etag
        if seen.body["partner_id"] is None:
            named = await self._admin.act(
                Op.PRODUCT_SUPPLY,
                "compliance",
                f"{path}/partner",
                {"partner_id": await self._partner()},
                method="PUT",
                if_match=version,
                ids=ids,
            )
            version = named.expect("name the partner").etag
        steps: tuple[tuple[Actor, Op, str, dict[str, Any]], ...] = (
            (self._admin, Op.PRODUCT_EXAMINE, "due_diligence", {"summary": "尽职调查通过"}),
            (self._officer, Op.PRODUCT_APPROVE, "compliance_approval", {"approved": True, "opinion": "同意"}),
        )
        for actor, op, step, said in steps:
            taken = await actor.act(op, "compliance", f"{path}/{step}", said, if_match=version, ids=ids)
            version = taken.expect(step).etag

    async def _complete(self, entry: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """What an earlier version did not ask of a product."""
        described = ("name", "issuer", "offering", "term_months", "instalment", "benefit_certain")
        path, ids = f"/v1/products/{entry['id']}", {"product_id": entry["id"]}
        terms = {name: body[name] for name in described}
        changed = await self._admin.act(
            None,
            "compliance",
            path,
            terms,
            method="PUT",
            if_match=entry["version"],
            ids=ids,
        )
        changed.expect(f"complete {body['code']}")

    async def _zone(self, branch: Branch, code: str, *, ready: bool) -> str:
        known = {one["code"]: one for one in await branch.head.everything("compliance", "/v1/zones")}
        zone = known.get(code)
        if zone is None:
            body = {"outlet_id": branch.id, "code": code, "zone_type": "ZONE"}
            zone = dict((await self._when_known(branch, body)).expect(f"zone {code}").body)
        # One that stood without a recorder for a day has been suspended (ZON-06).
        if zone["state"] == "PREPARING" or (ready and zone["state"] == "SUSPENDED"):
            version = int(zone["version"])
            # A zone in use whose re-inspection fails is suspended (ZON-03).
            for good in (True,) if ready else (True, False):
                inspected = await self._officer.act(
                    Op.ZONE_INSPECT,
                    "compliance",
                    f"/v1/zones/{zone['id']}/inspections",
                    {item: good or item != NOT_READY for item in ITEMS},
                    if_match=version,
                    ids={"zone_id": zone["id"], "outlet_id": branch.id},
                )
                version = inspected.expect(f"inspect {code}").etag
        return str(zone["id"])

    async def _when_known(self, branch: Branch, body: Mapping[str, Any]) -> Answer:
        """Opens a zone as soon as compliance has heard of the outlet."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                opened = await branch.head.act(
                    Op.ZONE_OPEN,
                    "compliance",
                    "/v1/zones",
                    body,
                    ids={"outlet_id": branch.id},
                    learn={"zone_id": "id"},
                    unwritten=frozenset({"OUTLET_UNKNOWN"}),
                )
                if opened.code != "OUTLET_UNKNOWN":
                    return opened
                await asyncio.sleep(0.1)

    async def _customer(self, subject: str, level: int) -> Customer:
        path = "/v1/customers"
        known = await self._crm.everything("compliance", path, subject=subject)
        if known:
            customer_id = known[0]["id"]
        else:
            registered = await self._crm.act(
                Op.CUSTOMER_REGISTER, "compliance", path, {"subject": subject}, learn={"customer_id": "id"}
            )
            customer_id = registered.expect(f"register {subject}").body["id"]
        customer = Customer(customer_id, Actor(self._wire, self._ledger, subject), level)
        told = (await self._crm.get("compliance", f"{path}/{customer_id}/circumstances")).expect(subject)
        if told.body["capacity"] is None:
            stated = await self._crm.act(
                Op.CIRCUMSTANCES,
                "compliance",
                f"{path}/{customer_id}/stated_circumstances",
                PROFILE,
                if_match=told.etag,
                ids={"customer_id": customer_id},
            )
            stated.expect(f"state the circumstances of {subject}")
        view = (await self._crm.get("compliance", f"{path}/{customer_id}")).expect(subject)
        # One of an earlier version does not say where it was done.
        if view.body["assessment"] is None or view.body["assessment"]["place"] is None:
            await self._assess(customer, view.etag)
        return customer

    async def _assess(self, customer: Customer, version: int) -> None:
        """An assessment of today by the customer himself; the expired one is imported with its date."""
        path = f"/v1/customers/{customer.id}"
        ids = {"customer_id": customer.id}
        body: dict[str, Any] = {"level": customer.level, "place": "OUTLET"}
        if customer.actor.client_id == EXPIRED:
            completed = datetime.now(UTC) - timedelta(days=EXPIRED_DAYS)
            body |= {"completed_at": completed.isoformat(), "source": "crm"}
            answer = await self._crm.act(
                Op.ASSESSMENT,
                "compliance",
                f"{path}/imported_assessments",
                body,
                if_match=version,
                ids=ids,
            )
        else:
            answer = await customer.actor.act(
                Op.ASSESSMENT, "compliance", f"{path}/assessments", body, if_match=version, ids=ids
            )
        answer.expect(f"assess {customer.actor.client_id}")

"""A joint account buys: core banking has stated who holds it, the outlet declares who has come (ADR 25)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.demo.client import Actor
from deploy.demo.ledger import Op
from deploy.devstack.users import User

#: Two spouses who decide together; nobody of them buys with money of his own on this day.
HOLDERS = ("customer-joint-1", "customer-joint-2")
LEVEL = 5


@dataclass(frozen=True)
class JointAccount:
    """The account, and the ids of its two holders."""

    id: str
    holders: tuple[str, ...]


def holder_users() -> list[User]:
    """The holders' users: no outlet is theirs."""
    return [User(name, name, ("customer",), ()) for name in HOLDERS]


async def open_account(bank: Actor, holders: tuple[str, ...]) -> JointAccount:
    """The holders' account, whose mandate asks for all of them; one of an earlier day is used again."""
    known = await bank.everything("compliance", f"/v1/customers/{holders[0]}/joint_accounts")
    for account in known:
        if not account["closed"] and sorted(account["holders"]) == sorted(holders):
            return JointAccount(account["id"], holders)
    body = {"holders": list(holders), "mandate": "ALL"}
    opened = await bank.act(
        Op.JOINT_ACCOUNT, "compliance", "/v1/joint_accounts", body, learn={"account_id": "id"}
    )
    return JointAccount(str(opened.expect("open a joint account").body["id"]), holders)


async def declare(seller: Actor, ids: Mapping[str, str], account: JointAccount, *, came: bool) -> None:
    """Whose money it is; ``came``: and that the other holder has come, and was identified."""
    known = {**ids, "account_id": account.id}
    stated = {"account_id": account.id}
    await _add(seller, Op.PAYING_ACCOUNT, "paying_accounts", known, stated)
    if came:
        other = {"role": "JOINT_HOLDER", "person_id": account.holders[1], "identified_by": "ID_DOCUMENT"}
        await _add(seller, Op.PARTY, "parties", ids, other)


async def _add(seller: Actor, op: Op, what: str, ids: Mapping[str, str], body: Mapping[str, Any]) -> None:
    path = f"/v1/cases/{ids['case_id']}"
    seen = (await seller.get("compliance", path)).expect("case")
    learn = {"party_id": "id"} if op is Op.PARTY else None
    added = await seller.act(
        op, "compliance", f"{path}/{what}", body, if_match=seen.etag, ids=ids, learn=learn
    )
    added.expect(f"state {what}")

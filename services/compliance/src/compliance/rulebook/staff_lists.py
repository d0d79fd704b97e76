"""The function behind the rule about the published list of sellers: pure, typed, named with a version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.rulebook.domain import PASS, Check, Finding, PureCheck, Verdict, codes_of, fail
from compliance.rulebook.seller_facts import SellerFacts
from compliance.rulebook.seller_rules import flaw

UNQUALIFIED, UNPUBLISHED, STALE = "SALESPERSON_NOT_QUALIFIED", "STAFF_LIST_NOT_PUBLISHED", "REGISTER_STALE"


@dataclass(frozen=True, kw_only=True)
class StaffListFacts:
    """An outlet's list at ``at``: about to be published (``publishing``), or as it hangs there.

    ``named`` None: none was ever published. ``staff``: the outlet's sellers of whom every fact is known.
    """

    at: datetime
    publishing: bool
    register_fresh: bool
    named: tuple[UUID, ...] | None
    staff: tuple[SellerFacts, ...]


@dataclass(frozen=True, kw_only=True)
class Authorisation:
    """ZON-04: whose staff, and with which kinds of qualification, may stand on the list."""

    employer: str
    kinds: tuple[str, ...]


def qualified(facts: StaffListFacts, parameters: Authorisation) -> set[UUID]:
    """ZON-04: who may stand on the list: the bank's own, with a right of these kinds that counts now."""
    return {
        one.seller_id
        for one in facts.staff
        if one.employer == parameters.employer
        and any(held.kind in parameters.kinds and flaw(held, facts.at) is None for held in one.qualifications)
    }


def list_as_qualified(facts: StaffListFacts, parameters: Authorisation) -> Verdict:
    """ZON-04: nobody unqualified is published, and the published list is that of the qualified."""
    named, able = set(facts.named or ()), qualified(facts, parameters)
    if facts.publishing:
        if not facts.register_fresh:
            return fail(STALE)
        return fail(UNQUALIFIED, "named", sellers=_texts(named - able)) if named - able else PASS
    lists = {"absent": able - named, "outdated": named - able}
    return Verdict(
        tuple(
            Finding(code=UNPUBLISHED, reason=reason, details={"sellers": _texts(found)})
            for reason, found in lists.items()
            if found
        )
    )


def _texts(ids: Iterable[UUID]) -> tuple[str, ...]:
    return tuple(sorted(map(str, ids)))


_CHECKS: tuple[Check[StaffListFacts], ...] = (
    PureCheck(
        "staff_list.as_qualified.v1",
        codes_of(UNQUALIFIED, named=("sellers",))
        | codes_of(UNPUBLISHED, absent=("sellers",), outdated=("sellers",))
        | codes_of(STALE),
        Authorisation,
        list_as_qualified,
    ),
)

STAFF_LIST_CHECKS: Mapping[str, Check[StaffListFacts]] = {check.name: check for check in _CHECKS}

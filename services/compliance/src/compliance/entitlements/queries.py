"""Reads of entitlements."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from chassis.reads import Read, among
from compliance.entitlements.domain import Entitlement
from compliance.entitlements.tables import entitlements

ORDER = (entitlements.c.case_version,)

#: The entitlements of the cases ``case_ids``, oldest first. To decide on them, lock the cases (G1).
ENTITLEMENTS = Read(
    Entitlement,
    select(entitlements).where(among(entitlements.c.case_id, "case_ids")).order_by(*ORDER),
    by="case_id",
)


def of_case(case_id: UUID) -> Select[Any]:
    """The entitlements of a case."""
    return select(Entitlement).where(entitlements.c.case_id == case_id)

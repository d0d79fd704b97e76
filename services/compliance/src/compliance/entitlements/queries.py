"""Reads of entitlements."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from chassis.reads import every
from compliance.entitlements.domain import Entitlement
from compliance.entitlements.tables import entitlements

ORDER = (entitlements.c.case_version,)

#: The entitlements of the cases ``case_ids``, oldest first. To decide on them, lock the cases (G1).
ENTITLEMENTS = every(Entitlement, entitlements.c.case_id, "case_ids", *ORDER)


def of_case(case_id: UUID) -> Select[Any]:
    """The entitlements of a case."""
    return select(Entitlement).where(entitlements.c.case_id == case_id)

"""Reads of safeguards."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from chassis.reads import every
from compliance.safeguards.domain import Safeguard
from compliance.safeguards.tables import safeguards

ORDER = (safeguards.c.case_version,)

#: The safeguards of the cases ``case_ids``, oldest first. To decide on them, lock the cases (G1).
SAFEGUARDS = every(Safeguard, safeguards.c.case_id, "case_ids", *ORDER)


def of_case(case_id: UUID) -> Select[Any]:
    """The safeguards of a case."""
    return select(Safeguard).where(safeguards.c.case_id == case_id)

"""Reads of outlets."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, select

from staffing.outlets.domain import Outlet
from staffing.outlets.tables import outlets

#: Codes are unique: the order of the list.
ORDER = (outlets.c.code,)


def listed(ids: Collection[UUID] | None) -> Select[Outlet]:
    """The outlets with these ids; None: all."""
    statement = select(Outlet)
    return statement if ids is None else statement.where(outlets.c.id.in_(ids))

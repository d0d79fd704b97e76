"""Reads of forms and applications."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.applications.domain import Application, Form
from compliance.applications.tables import application_forms, applications

FORM_ORDER = (application_forms.c.code,)
ORDER = (applications.c.id,)


def forms() -> Select[Any]:
    """All published forms."""
    return select(Form)


def listed(outlet_ids: Collection[UUID] | None) -> Select[Any]:
    """The applications at these outlets, or all (None)."""
    statement = select(Application)
    return statement if outlet_ids is None else statement.where(applications.c.outlet_id.in_(outlet_ids))


async def find_form(session: AsyncSession, form_id: UUID) -> Form | None:
    """One form, None where there is none."""
    return await session.get(Form, form_id)


async def form(session: AsyncSession, form_id: UUID) -> Form:
    """One form. Raises ``ObjectNotFound``."""
    return await load(session, Form, form_id)


async def application(session: AsyncSession, application_id: UUID) -> Application:
    """One application. Raises ``ObjectNotFound``."""
    return await load(session, Application, application_id)

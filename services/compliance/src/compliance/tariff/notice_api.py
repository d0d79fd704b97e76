"""Routes of the notices: what outlets and the website show of the tariff, and what they lack (FEE-04)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.auth import action
from chassis.http.routing import (
    Caller,
    Guard,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    routes,
)
from compliance.access import outlets_of
from compliance.outlets import queries as outlets
from compliance.periods.domain import legal_date
from compliance.rulebook.registers import publication_flags
from compliance.tariff import commands, queries
from compliance.tariff.views import PublicationView

router = routes("/v1/fee-notices", "tariff")
publication_router = routes("/v1/fee-publications", "tariff")

Phone = Annotated[str, Field(min_length=3, max_length=32, pattern=r"^[0-9+() -]+$")]


class WebsiteNotice(Input):
    """What is shown from now on; ``complaint_phone`` null: none."""

    price_list: bool
    complaint_phone: Phone | None


class OutletNotice(WebsiteNotice):
    """The same at a prominent place of an outlet."""

    outlet_id: UUID


class NoticeView(Output):
    """What is shown from then on; ``outlet_id`` null: on the website."""

    id: UUID
    outlet_id: UUID | None
    price_list: bool
    complaint_phone: str | None
    shown_at: datetime


@router.post("", status_code=201)
@action("fee_notice.put_up")
async def put_up_fee_notice(
    body: OutletNotice, session: Session, clock: Now, guard: Guard, caller: Caller
) -> NoticeView:
    """Record what the outlet shows from now on."""
    guard(outlet_id=body.outlet_id)
    notice = await commands.put_up_notice(
        session,
        clock,
        outlet_id=body.outlet_id,
        price_list=body.price_list,
        complaint_phone=body.complaint_phone,
        by=caller.subject,
    )
    return NoticeView.model_validate(notice)


@router.post("/website", status_code=201)
@action("fee_notice.publish")
async def publish_fee_notice(body: WebsiteNotice, session: Session, clock: Now, caller: Caller) -> NoticeView:
    """Record what the website shows from now on."""
    notice = await commands.put_up_notice(
        session,
        clock,
        outlet_id=None,
        price_list=body.price_list,
        complaint_phone=body.complaint_phone,
        by=caller.subject,
    )
    return NoticeView.model_validate(notice)


@publication_router.get("")
@action("fee_publication.list")
async def list_fee_publications(
    session: ReadSession, clock: Now, caller: Caller, page: PageQuery
) -> Page[PublicationView]:
    """List what the caller's open outlets show, and what each lacks (``FEE_NOT_PUBLISHED``)."""
    rows, cursor = await paginate(session, outlets.listed(outlets_of(caller)), page, order=outlets.ORDER)
    shown = await queries.publications(session, [row.id for row in rows])
    on = legal_date(clock.now())
    items = [PublicationView.of(one, publication_flags(one.facts(), on)) for one in shown.values()]
    return Page(items=items, next_cursor=cursor)


@publication_router.get("/website")
@action("fee_publication.list")
async def read_website_publication(session: ReadSession, clock: Now) -> PublicationView:
    """What the website shows, and what it lacks (``FEE_NOT_PUBLISHED``)."""
    shown = (await queries.publications(session, [None]))[None]
    return PublicationView.of(shown, publication_flags(shown.facts(), legal_date(clock.now())))

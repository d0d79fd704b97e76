"""The table of contents of ticketing: what it answers, publishes and reacts to, from the lowest layer up."""

from pathlib import Path

from chassis.service import Capability, Service
from ticketing.access import allow
from ticketing.catalogue import api as catalogue_api
from ticketing.counters import api as counters_api
from ticketing.counters import events as counter_facts
from ticketing.counters import measures as counter_measures
from ticketing.database import mapper
from ticketing.outlets import api as outlets_api
from ticketing.outlets.reactions import OUTLETS
from ticketing.tickets import api as tickets_api
from ticketing.tickets import events as ticket_facts
from ticketing.tickets import measures as ticket_measures
from ticketing.tickets import outlet_api
from ticketing.tickets.closing import CLOSE_PAST_DAYS

service = Service(
    name="ticketing",
    title="Ticketing",
    description="Queues, numbers, counters and calls of a bank's outlets.",
    metadata=mapper.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=allow,
    capabilities=(
        Capability(name="outlets", routers=(outlets_api.router,), subscriptions=(OUTLETS,)),
        Capability(
            name="catalogue",
            routers=(catalogue_api.services, catalogue_api.outlet_queues, catalogue_api.queues),
        ),
        Capability(
            name="counters",
            routers=(
                counters_api.outlet_counters,
                counters_api.counters,
                counters_api.outlet_sessions,
                counters_api.sessions,
            ),
            facts=(counter_facts.CounterSessionOpened, counter_facts.CounterSessionClosed),
            measures=counter_measures.MEASURES,
        ),
        Capability(
            name="tickets",
            routers=(
                tickets_api.outlet_tickets,
                tickets_api.tickets,
                outlet_api.queues,
                outlet_api.calls,
                outlet_api.sessions,
                outlet_api.day_closures,
            ),
            facts=(
                ticket_facts.TicketIssued,
                ticket_facts.TicketCalled,
                ticket_facts.TicketRecalled,
                ticket_facts.TicketStarted,
                ticket_facts.TicketCompleted,
                ticket_facts.TicketNoShow,
                ticket_facts.TicketCancelled,
                ticket_facts.TicketExpired,
            ),
            jobs=(CLOSE_PAST_DAYS,),
            measures=ticket_measures.MEASURES,
        ),
    ),
)

"""The table of contents of feedback: what it answers, publishes, reacts to, lowest layer first."""

from pathlib import Path

from chassis.service import Capability, Job, Service
from feedback.access import allow
from feedback.complaints import api as complaints_api
from feedback.complaints import commands as complaints_commands
from feedback.complaints import measures as complaints_measures
from feedback.complaints.events import TOPIC as COMPLAINTS
from feedback.complaints.events import (
    ComplaintDecided,
    ComplaintEscalated,
    ComplaintOpened,
    ComplaintOverdue,
    ComplaintSettled,
    ComplaintWithdrawn,
)
from feedback.database import mapper
from feedback.evaluations import api as evaluations_api
from feedback.evaluations import commands as evaluations_commands
from feedback.evaluations import reactions as evaluations_reactions
from feedback.evaluations.events import EvaluationSubmitted
from feedback.intake import api as intake_api
from feedback.outlets import reactions as outlets_reactions
from feedback.sales import reactions as sales_reactions

service = Service(
    name="feedback",
    title="Feedback",
    description="What customers say about a bank's outlets: evaluations of their visits, and complaints.",
    metadata=mapper.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=allow,
    # S1: compliance disposes of no recording unless it has heard of every complaint.
    registers=(COMPLAINTS,),
    capabilities=(
        Capability(name="outlets", subscriptions=(outlets_reactions.subscription,)),
        Capability(name="sales", subscriptions=(sales_reactions.subscription,)),
        Capability(
            name="evaluations",
            routers=(evaluations_api.router, evaluations_api.outlet_router),
            facts=(EvaluationSubmitted,),
            subscriptions=(evaluations_reactions.subscription,),
            jobs=(Job(name="expire_evaluations", seconds=60, run=evaluations_commands.expire_evaluations),),
        ),
        Capability(name="intake", routers=(intake_api.router,)),
        Capability(
            name="complaints",
            routers=(complaints_api.router,),
            facts=(
                ComplaintOpened,
                ComplaintEscalated,
                ComplaintOverdue,
                ComplaintDecided,
                ComplaintSettled,
                ComplaintWithdrawn,
            ),
            jobs=(Job(name="watch_complaints", seconds=60, run=complaints_commands.watch_complaints),),
            measures=complaints_measures.MEASURES,
        ),
    ),
)

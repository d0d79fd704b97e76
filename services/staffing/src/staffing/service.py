"""The table of contents of staffing: what it answers, publishes and reacts to, from the lowest layer up."""

from pathlib import Path

from chassis.service import Capability, Service
from staffing.access import allow
from staffing.database import mapper
from staffing.outlets import api as outlets_api
from staffing.outlets.events import OutletChanged, OutletClosed, OutletOpened

service = Service(
    name="staffing",
    title="Staffing",
    description="Outlets, people, posts and qualifications of a bank's outlets, and the work they do.",
    metadata=mapper.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=allow,
    capabilities=(
        Capability(
            name="outlets",
            routers=(outlets_api.router,),
            facts=(OutletOpened, OutletChanged, OutletClosed),
        ),
    ),
)

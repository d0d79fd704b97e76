"""The table of contents of staffing: what it answers, publishes and reacts to, from the lowest layer up."""

from pathlib import Path

from chassis.service import Capability, Service
from staffing.access import allow
from staffing.database import mapper
from staffing.employees import api as employees_api
from staffing.employees import events as employee_facts
from staffing.employees import measures as employee_measures
from staffing.employees.reactions import CONDUCT
from staffing.outlets import api as outlets_api
from staffing.outlets.events import OutletChanged, OutletClosed, OutletOpened
from staffing.trainings import api as trainings_api
from staffing.trainings.events import ExperienceRecorded, TrainingAnnulled, TrainingRecorded
from staffing.workload import api as workload_api
from staffing.workload.reactions import TICKETS

service = Service(
    name="staffing",
    title="Staffing",
    description="Outlets, people, posts and qualifications of a bank's outlets, and the work they do.",
    metadata=mapper.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=allow,
    # S1: others decide on who holds which qualification.
    registers=(employee_facts.TOPIC,),
    capabilities=(
        Capability(
            name="outlets",
            routers=(outlets_api.router,),
            facts=(OutletOpened, OutletChanged, OutletClosed),
        ),
        Capability(name="qualifications"),
        Capability(
            name="employees",
            routers=(employees_api.router,),
            facts=(
                employee_facts.EmployeeJoined,
                employee_facts.EmployeeChanged,
                employee_facts.EmployeeLeft,
                employee_facts.QualificationGranted,
                employee_facts.QualificationRevoked,
                employee_facts.QualificationSuspended,
                employee_facts.QualificationReinstated,
            ),
            subscriptions=(CONDUCT,),
            measures=employee_measures.MEASURES,
        ),
        Capability(
            name="trainings",
            routers=(trainings_api.router, trainings_api.experience_router),
            facts=(TrainingRecorded, TrainingAnnulled, ExperienceRecorded),
        ),
        Capability(
            name="workload",
            routers=(workload_api.router, workload_api.of_employee),
            subscriptions=(TICKETS,),
        ),
    ),
)

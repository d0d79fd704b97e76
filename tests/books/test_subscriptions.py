"""Who consumes what is written down in the books a second time; this notices when the two drift apart."""

import pytest

from chassis.service import Service
from compliance.service import service as compliance
from deploy.books.auditing import SUBSCRIBED
from deploy.books.checks.effects import CONSUMED
from deploy.books.checks.facts import EVERY_VERSION, ROWS
from feedback.service import service as feedback
from staffing.service import service as staffing
from ticketing.service import service as ticketing

SERVICES = (ticketing, feedback, staffing, compliance)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_books_know_every_subscription(service: Service) -> None:
    subscriptions = [item for capability in service.capabilities for item in capability.subscriptions]
    assert SUBSCRIBED[service.name] == {item.topic for item in subscriptions}
    assert CONSUMED[service.name] == {type_ for item in subscriptions for type_ in item.reactions}


def test_topics_that_tell_every_version_are_topics() -> None:
    published = {
        fact.topic for service in SERVICES for capability in service.capabilities for fact in capability.facts
    }
    assert published >= ROWS.keys()
    assert published | {"compliance.sales.v1"} >= EVERY_VERSION

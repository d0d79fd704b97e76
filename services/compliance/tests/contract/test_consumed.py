"""What we read of others' facts stands in what they publish; what we accept, in our own examples."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from compliance.service import service

SERVICES = Path(__file__).parents[3]

CONSUMED = [
    (subscription.topic.split(".")[0], subscription.accepted, type_, reaction.model)
    for subscription in service.subscriptions
    for type_, reaction in sorted(subscription.reactions.items())
]


@pytest.mark.parametrize(
    ("publisher", "accepted", "type_", "model"), [pytest.param(*one, id=one[2]) for one in CONSUMED]
)
def test_our_model_reads_the_published_example(
    publisher: str, accepted: bool, type_: str, model: type[BaseModel]
) -> None:
    folder = "compliance/contracts/accepted" if accepted else f"{publisher}/contracts/events"
    model.model_validate(json.loads((SERVICES / folder / f"{type_}.example.json").read_text("utf-8")))

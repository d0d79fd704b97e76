"""What we read of others' facts stands in what they publish."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from staffing.service import service

SERVICES = Path(__file__).parents[3]


CONSUMED = [
    (subscription.topic.split(".")[0], type_, reaction.model)
    for subscription in service.subscriptions
    for type_, reaction in sorted(subscription.reactions.items())
]


@pytest.mark.parametrize(("publisher", "type_", "model"), [pytest.param(*one, id=one[1]) for one in CONSUMED])
def test_our_model_reads_the_publishers_example(publisher: str, type_: str, model: type[BaseModel]) -> None:
    example = SERVICES / publisher / "contracts" / "events" / f"{type_}.example.json"
    model.model_validate(json.loads(example.read_text("utf-8")))

"""What we read of others' facts stands in what they publish."""

import json
from pathlib import Path

import pytest

from staffing.workload.reactions import TICKETS

SERVICES = Path(__file__).parents[3]


@pytest.mark.parametrize("type_", sorted(TICKETS.reactions))
def test_our_model_reads_the_publishers_example(type_: str) -> None:
    example = SERVICES / "ticketing" / "contracts" / "events" / f"{type_}.example.json"
    if not example.exists():
        pytest.skip(f"ticketing has not committed {example.name} yet")
    data = json.loads(example.read_text("utf-8"))
    TICKETS.reactions[type_].model.model_validate(data)

"""The catalogue: 126 rules and 166 mechanisms, each with its id, its service and what it asks for."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

CATALOGUE = Path(__file__).with_name("catalogue.yaml")

MECHANISM = re.compile(r"M\d{3}")


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue. ``service`` names who has to keep it, several with ``+``, or ``all``."""

    id: str
    service: str
    requirement: str

    @property
    def is_mechanism(self) -> bool:
        """Whether this is a mechanism (``M001``), not a rule (``REC-07``)."""
        return MECHANISM.fullmatch(self.id) is not None


@cache
def catalogue(path: Path = CATALOGUE) -> dict[str, Entry]:
    """The entries by id, rules before mechanisms, in the order of the file; raises on a doubled id."""
    listed = [
        Entry(str(identity), str(service), str(requirement))
        for service_entries in yaml.safe_load(path.read_text("utf-8")).values()
        for identity, (service, requirement) in service_entries.items()
    ]
    entries = {entry.id: entry for entry in listed}
    if len(entries) != len(listed):
        raise ValueError(f"{path.name} holds an id twice")
    return entries

"""The transaction matrix: which rules of a sale are asked of which kind of transaction, as dated data.

Every rule is decided for every kind: it is asked, or a reason says why it is not. The reason is a term of the
release, so that decisions, their replay and the printed rulebook show it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Protocol

from compliance.rulebook.transaction_facts import TransactionKind

#: What stands in a cell whose rule is asked; anything else is the reason why it is not.
ASKED = "ASKED"


class Dated(Protocol):
    """What the matrix needs of a rule."""

    @property
    def id(self) -> str:
        """Its id; limbs share one."""
        ...

    @property
    def effective_from(self) -> date:
        """Its first day."""
        ...

    @property
    def effective_to(self) -> date | None:
        """The day after its last one."""
        ...


@dataclass(frozen=True, kw_only=True)
class TransactionMatrix:
    """One version of the matrix, in force on half-open legal days.

    ``cells``: by rule id and kind, :data:`ASKED` or the term of the reason. ``recorded``: the kinds that are
    logged as sales, each with its recording; the others rest on none and are logged as transactions.
    """

    effective_from: date
    effective_to: date | None
    recorded: tuple[TransactionKind, ...]
    cells: Mapping[str, Mapping[str, str]]
    confirmed_by: str

    def in_force(self, on: date) -> bool:
        """Whether this version holds on the legal day ``on``."""
        return self.effective_from <= on and (self.effective_to is None or on < self.effective_to)

    def reason(self, rule_id: str, kind: str) -> str | None:
        """Why the rule is not asked of the kind; None: it is asked, as is whatever nobody has decided."""
        cell = self.cells.get(rule_id, {}).get(kind, ASKED)
        return None if cell == ASKED else cell


def spread(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A version as files write it, rules that are treated alike in one row, with its cells spread out.

    Raises ``ValueError`` for a rule that stands in two rows.
    """
    cells: dict[str, Any] = {}
    for row in entry["rows"]:
        for rule_id in row["rules"]:
            if rule_id in cells:
                raise ValueError(f"{rule_id} stands in two rows of the matrix")
            cells[rule_id] = row["kinds"]
    own = {name: value for name, value in entry.items() if name != "rows"}
    return {"effective_to": None, **own, "cells": cells}


def flaws(
    matrices: Sequence[TransactionMatrix], rules: Sequence[Dated], terms: Mapping[str, object]
) -> Iterator[str]:
    """What keeps the matrix from deciding every rule of a sale for every kind, each in a sentence."""
    for one, other in combinations(sorted(matrices, key=lambda matrix: matrix.effective_from), 2):
        if one.effective_to is None or other.effective_from < one.effective_to:
            yield f"the matrices of {one.effective_from} and {other.effective_from} overlap"
    kinds, known = set(TransactionKind), {rule.id for rule in rules}
    for matrix in matrices:
        if matrix.effective_to is not None and matrix.effective_to <= matrix.effective_from:
            yield f"the matrix of {matrix.effective_from} ends before it begins"
        if TransactionKind.DEBIT in matrix.recorded:
            yield f"a debit has no recording (matrix of {matrix.effective_from})"
        wanted = {rule.id for rule in rules if _overlap(matrix, rule)}
        for rule_id in sorted(wanted - matrix.cells.keys()):
            yield f"{rule_id} is not in the matrix of {matrix.effective_from}: decide it for every kind"
        for rule_id in sorted(matrix.cells.keys() - known):
            yield f"{rule_id} in the matrix of {matrix.effective_from} is no rule of a sale"
        for rule_id, cells in matrix.cells.items():
            for kind in sorted(kinds - cells.keys()):
                yield f"{rule_id} is not decided for {kind}"
            for stranger in sorted(cells.keys() - kinds):
                yield f"{rule_id} is decided for {stranger}, which is no kind of transaction"
            for reason in sorted(set(cells.values()) - {ASKED} - terms.keys()):
                yield f"{rule_id} is not asked for the reason {reason}, which has no words"


def _overlap(matrix: TransactionMatrix, rule: Dated) -> bool:
    begins_in_time = matrix.effective_to is None or rule.effective_from < matrix.effective_to
    return begins_in_time and (rule.effective_to is None or matrix.effective_from < rule.effective_to)

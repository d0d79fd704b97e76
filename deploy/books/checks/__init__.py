"""The checks, one small function each; the first line of its docstring is what must hold."""

from collections.abc import Iterator

from deploy.books.checks import (
    buyers,
    cases,
    decisions,
    effects,
    facts,
    feedback,
    footage,
    holds,
    ledger,
    parties,
    permits,
    reconciliation,
    recordings,
    registers,
    retention,
    sales,
    tickets,
    transactions,
)
from deploy.books.model import Books, Check, Findings, Result

MODULES = (
    tickets,
    ledger,
    facts,
    effects,
    registers,
    feedback,
    decisions,
    cases,
    sales,
    transactions,
    buyers,
    parties,
    permits,
    reconciliation,
    recordings,
    footage,
    holds,
    retention,
)


def checks() -> Iterator[tuple[str, str, Check]]:
    """Every check with its name (``module.function``) and what must hold, in the order of the summary."""
    for module in MODULES:
        for check in module.CHECKS:
            first_line = (check.__doc__ or "").strip().splitlines()[0]
            yield f"{module.__name__.rsplit('.', 1)[-1]}.{check.__name__}", first_line, check


def run(books: Books) -> list[Result]:
    """Runs every check; one that cannot read the books is an imbalance itself."""
    return [run_one(name, invariant, check, books) for name, invariant, check in checks()]


def run_one(name: str, invariant: str, check: Check, books: Books) -> Result:
    """Runs one check. What is malformed on one side (a column, a fact without its field) does not balance."""
    found = Findings(name)
    examined = 0
    try:
        examined = check(books, found)
    except (KeyError, ValueError, TypeError, AttributeError) as malformed:
        found.add("books", f"cannot be compared: {malformed!r}")
    return Result(name, invariant, examined, tuple(sorted(found.imbalances)))

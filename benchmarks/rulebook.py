"""The whole rulebook on one sale: CPU of all rules in force, what they found said in both languages.

Measured beside it, and no part of the figure: reading stored facts back, writing them as the decision keeps
them, hashing the decision. Loading the facts is the database's work.
"""

import argparse
import statistics
import time
from collections.abc import Callable

from benchmarks.report import Result, conclude, show_environment, show_table
from compliance.evidence.domain import Plain, from_plain, sha256_of, to_plain
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import decide
from compliance.rulebook.domain import Subject
from compliance.rulebook.facts import ProductStatus, SaleFacts
from services.compliance.tests.unit.builders import NOTHING_KNOWN, SALE, rulebook, with_product

LIMIT_US = 100.0
ROUND_SECONDS = 0.1


def microseconds(work: Callable[[], object], rounds: int) -> float:
    """CPU of one call, the median of rounds."""
    calls, begun = 0, time.process_time()
    while time.process_time() - begun < ROUND_SECONDS:
        work()
        calls += 1
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        for _ in range(calls):
            work()
        taken.append((time.process_time() - begun) / calls)
    return statistics.median(taken) * 1e6


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    show_environment()
    release = rulebook()
    sales = {
        "a sale that passes": SALE,
        "one that two rules refuse": with_product(status=ProductStatus.ENDED, bank_level=5),
        "one of which nothing is known": NOTHING_KNOWN,
    }
    found = {}
    for name, facts in sales.items():
        plain = to_plain(facts)

        def judged(facts: SaleFacts = facts, plain: Plain = plain) -> object:
            decision = decide(release, SALE_CHECKS, facts, inputs=plain)
            return decision.violations(release), decision.warnings(release)

        found[name] = microseconds(judged, rounds)
    decision, plain = decide(release, SALE_CHECKS, SALE), to_plain(SALE)
    apart = {
        "facts as they are stored": microseconds(lambda: to_plain(SALE), rounds),
        "facts read back": microseconds(lambda: from_plain(SaleFacts, plain), rounds),
        "the decision's digest": microseconds(lambda: sha256_of(to_plain(decision)), rounds),
    }
    count = len(release.in_force(Subject.SALE, decision.on))
    show_table(f"CPU of {count} rules on one sale, with every text", ["", "µs"], shown(found))
    show_table("apart from it", ["", "µs"], shown(apart))
    value = found["one that two rules refuse"]
    conclude(
        Result(
            name="rulebook",
            value=round(value, 1),
            unit="us",
            against="limit",
            reference=LIMIT_US,
            ratio=round(value / LIMIT_US, 3),
            goal="<= 1.0",
            met=value <= LIMIT_US,
            processes=1,
            server_cpu_ms=round(value / 1000, 4),
        )
    )


def shown(figures: dict[str, float]) -> list[list[str]]:
    """A line for each figure."""
    return [[name, f"{value:.1f}"] for name, value in figures.items()]


if __name__ == "__main__":
    main()

"""A later program: fifteen releases, three rules rewritten beside their old functions, and decisions."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from chassis.ids import new_id
from compliance.evidence.domain import canonical, to_plain
from compliance.retention.release import FUNCTIONS
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import Decision, decide
from compliance.rulebook.domain import PASS, Check, PureCheck, RuleRelease, Subject, Verdict, fail
from compliance.rulebook.facts import ProductStatus, SaleFacts
from compliance.rulebook.loading import stored_release
from compliance.rulebook.product_rules import SellingStates, product_listed
from compliance.rulebook.suitability_rules import GradedKinds, ValidMonths, assessment_valid, level_suits
from compliance.sales.replaying import Kept
from services.compliance.tests.unit.builders import NOW, SALE, rulebook, with_assessment, with_product

Checks = Mapping[str, Check[SaleFacts]]


def listed_anew(facts: SaleFacts, parameters: SellingStates) -> Verdict:
    """PRD-01 rewritten: a product with a level above four is as good as not listed."""
    verdict = product_listed(facts, parameters)
    if verdict.passed and facts.product is not None and facts.product.bank_level == 5:
        return fail("PRODUCT_NOT_LISTED")
    return verdict


def suits_anew(facts: SaleFacts, parameters: GradedKinds) -> Verdict:
    """SUI-03 rewritten: one level of distance is forgiven."""
    verdict = level_suits(facts, parameters)
    product, assessment = facts.product, facts.assessment
    if product is None or assessment is None or assessment.level is None:
        return verdict
    level = product.effective_level
    return PASS if level is not None and level <= assessment.level + 1 else verdict


def valid_anew(facts: SaleFacts, parameters: ValidMonths) -> Verdict:
    """SUI-12 rewritten: half the months."""
    return assessment_valid(facts, ValidMonths(months=parameters.months // 2))


@dataclass(frozen=True)
class Rewritten:
    """A rule whose function got a second version beside the first."""

    rule: str
    old: str
    parameters: type[Any]
    function: Callable[[SaleFacts, Any], Verdict]

    @property
    def new(self) -> str:
        return self.old.replace(".v1", ".v2")

    def check(self, name: str) -> Check[SaleFacts]:
        """The rewritten function under a name."""
        return PureCheck(name, SALE_CHECKS[self.old].codes, self.parameters, self.function)


REWRITTEN = (
    Rewritten("PRD-01", "sale.product_listed.v1", SellingStates, listed_anew),
    Rewritten("SUI-03", "sale.level_suits.v1", GradedKinds, suits_anew),
    Rewritten("SUI-12", "sale.assessment_valid.v1", ValidMonths, valid_anew),
)
#: As a later program registers them: the new versions beside the old ones.
LATER: Checks = {**SALE_CHECKS, **{one.new: one.check(one.new) for one in REWRITTEN}}


def releases() -> list[RuleRelease]:
    """Fifteen releases made of the shipped one: months, scales and dates moved, functions rewritten."""
    made = [rulebook()]
    for months in (3, 6, 9, 18, 24):
        made.append(changed(made[-1], "SUI-12", parameters={"months": months}))
    for highest in (4, 3, 2):
        made.append(changed(made[-1], "PRD-07", parameters={"lowest": 1, "highest": highest}))
    for states in (["ON_SALE", "EXISTING"], ["ON_SALE", "EXISTING", "ENDED"]):
        made.append(changed(made[-1], "PRD-01", parameters={"sells": states}))
    made.append(changed(made[-1], "REC-04", effective_from=NOW.date() + timedelta(days=400)))
    for one in REWRITTEN:
        made.append(changed(made[-1], one.rule, function=one.new))
    return made


def changed(release: RuleRelease, rule_id: str, **changes: Any) -> RuleRelease:
    """The release with the newest version of a rule changed, of several limbs the first one."""
    versions = [rule for rule in release.rules if rule.id == rule_id]
    newest = max(versions, key=lambda rule: rule.effective_from)
    return replace(
        release,
        rules=tuple(replace(rule, **changes) if rule is newest else rule for rule in release.rules),
    )


def sales(chance: random.Random) -> Iterator[SaleFacts]:
    """Sales of which about a third break something that a release or a rewritten function looks at."""
    while True:
        facts = chance.choices(
            [
                SALE,
                with_product(bank_level=chance.randint(1, 5)),
                with_product(status=chance.choice(list(ProductStatus))),
                with_assessment(completed_at=NOW - timedelta(days=chance.randint(1, 800))),
                replace(SALE, consent=None),
            ],
            weights=[6, 2, 1, 2, 1],
        )[0]
        yield replace(facts, attempt_id=new_id(), amount_minor=chance.randint(1, 10**9))


def kept(decision: Decision) -> Kept:
    """The decision as a database gives it back."""
    return Kept(
        id=new_id(),
        result=decision.result,
        digest=decision.digest,
        release=decision.release,
        content=json.loads(canonical(to_plain(decision))),
        decided_at=decision.decided_at,
    )


def decided(count: int) -> list[tuple[Decision, RuleRelease]]:
    """So many decisions in turn under every release, each release read back from its stored form."""
    functions = {**FUNCTIONS, Subject.SALE: LATER}
    stored = [stored_release(json.loads(canonical(to_plain(one))), functions) for one in releases()]
    assert len({one.digest for one in stored}) == len(stored) >= 12
    chance = random.Random(20260302)
    found = []
    for number, facts in zip(range(count), sales(chance), strict=False):
        release = stored[number % len(stored)]
        found.append((decide(release, LATER, facts), release))
    return found

"""A regular plan: what a recorded sale has set up, and what may be debited under it.

A debit that fails suspends the plan; only a new recorded sale lets it go on, and only that raises its amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid, Violation
from compliance.cases.domain import CaseState, Money, SaleCase, Transaction
from compliance.periods.domain import add_months, legal_date
from compliance.plans.events import (
    BrokenRule,
    PlanDebitAllowed,
    PlanEnded,
    PlanRenewed,
    PlanSetUp,
    PlanSuspended,
)
from compliance.rulebook.decisions import Decision

#: How many days before its day a debit is judged at most: what was judged earlier may have changed.
AHEAD_DAYS = 3
#: Why a plan has ended that its customer did not withdraw.
SALE_REVERSED = "SALE_REVERSED"


class PlanState(StrEnum):
    """SUSPENDED by a debit that failed; ENDED for good, by the customer or with the sale that it rests on."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    ENDED = "ENDED"


class Rhythm(StrEnum):
    """How often a plan is debited."""

    WEEKLY = "WEEKLY"
    FORTNIGHTLY = "FORTNIGHTLY"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"


DAYS = {Rhythm.WEEKLY: 7, Rhythm.FORTNIGHTLY: 14}
MONTHS = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3}


class PlanCaseInvalid(Conflict):
    """A plan rests on the logged sale of a case of its own, which stands."""

    code = "PLAN_CASE_INVALID"
    zh = "该销售单不是本客户、本产品已登记成交、未冲正且未使用的定投销售单;请核对,或新办一笔并录音录像。"
    en = "The case is no logged, standing, unused PLAN sale of this customer and product; make one."


class PlanDatesInvalid(Invalid):
    """The first debit comes from today on, the end not before it."""

    code = "PLAN_DATES_INVALID"
    zh = "首次扣款日不得早于今天,终止日不得早于首次扣款日;请更正。"
    en = "The first debit is not before today and the end not before the first debit; correct the days."


class PlanNotActive(Conflict):
    """A suspended plan goes on by a new sale; one that has ended does not."""

    code = "PLAN_NOT_ACTIVE"
    zh = "该定投计划为{zh_state},不可扣款;暂停的须新办销售单恢复,终止的须新设计划。"
    en = "The plan is {en_state} and is not debited; renew a suspended one by a new sale, or set up another."


class PlanHasEnded(Conflict):
    """What the customer has withdrawn is over, and so is what rested on a sale that was reversed."""

    code = "PLAN_HAS_ENDED"
    zh = "该定投计划已终止(客户终止,或所依据的销售已冲正);请新设计划。"
    en = "The plan has ended, by its customer or with its reversed sale; set up a new one."


class PlanAmountIncreased(Conflict):
    """More money is another sale."""

    code = "PLAN_AMOUNT_INCREASED"
    zh = "扣款金额超过计划约定的金额或币种不同;增加金额须新办销售单。"
    en = "The debit is above the plan's amount or in another currency; an increase needs a new case."


class DebitNotDue(Invalid):
    """One debit a period, between the first day and the last, judged at most three days ahead."""

    code = "DEBIT_NOT_DUE"
    zh = "该日不在计划期间内,或距今超过三天;请核对 due_on。"
    en = "The day lies outside of the plan or more than three days ahead; check due_on."


class DebitAllowedAlready(Conflict):
    """One period is debited once."""

    code = "DEBIT_ALLOWED_ALREADY"
    zh = "本期扣款已经通过;每期只扣一次。"
    en = "The debit of this period was allowed already; a period is debited once."


STATES = {PlanState.SUSPENDED: ("暂停状态", "suspended"), PlanState.ENDED: ("终止状态", "at its end")}


@dataclass(frozen=True, kw_only=True)
class Terms:
    """When a plan is debited; ``ends_on`` None: without a last day. Raises :class:`PlanDatesInvalid`."""

    rhythm: Rhythm
    first_debit_on: date
    ends_on: date | None

    def __post_init__(self) -> None:
        if self.ends_on is not None and self.ends_on < self.first_debit_on:
            raise PlanDatesInvalid(pointer="/ends_on")

    def period_of(self, day: date) -> int:
        """The number of the period in which the day lies, from 0. Raises :class:`DebitNotDue`."""
        if day < self.first_debit_on or (self.ends_on is not None and day > self.ends_on):
            raise DebitNotDue(pointer="/due_on")
        if self.rhythm in DAYS:
            return (day - self.first_debit_on).days // DAYS[self.rhythm]
        months = (day.year - self.first_debit_on.year) * 12 + day.month - self.first_debit_on.month
        period = months // MONTHS[self.rhythm]
        begins = add_months(self.first_debit_on, period * MONTHS[self.rhythm])
        return period if begins <= day else period - 1


@dataclass(kw_only=True)
class PlanCase:
    """A case whose sale has set up a plan or renewed it; it serves no other."""

    case_id: UUID
    plan_id: UUID
    plan_version: int
    amount_minor: int
    currency: str
    taken_by: str
    taken_at: datetime


@dataclass(kw_only=True)
class Debit:
    """One debit, judged: its decision is about the plan's case of then. ``allowed``: it may be made."""

    id: UUID
    plan_id: UUID
    plan_version: int
    case_id: UUID
    decision_id: UUID
    decision_result: str
    period: int
    due_on: date
    amount_minor: int
    currency: str
    allowed: bool
    announced_by: str
    announced_at: datetime


@dataclass
class Plan:
    """The aggregate. ``case_id``: the sale that it rests on now; ``reasons``: codes of what suspended it, or
    of what ended it if that was not its customer.
    """

    id: UUID
    version: int
    case_id: UUID
    outlet_id: UUID
    customer_id: UUID
    product_id: UUID
    amount_minor: int
    currency: str
    rhythm: Rhythm
    first_debit_on: date
    ends_on: date | None
    state: PlanState
    reasons: list[str]
    changed_at: datetime

    @classmethod
    def set_up(
        cls, plan_id: UUID, case: SaleCase, terms: Terms, *, by: str, at: datetime
    ) -> tuple["Plan", PlanCase, PlanSetUp]:
        """The plan that the case's sale has set up. Raises :class:`PlanCaseInvalid`, ``PlanDatesInvalid``."""
        _must_be_sold(case)
        if terms.first_debit_on < legal_date(at):
            raise PlanDatesInvalid(pointer="/first_debit_on")
        plan = cls(
            id=plan_id,
            version=1,
            case_id=case.id,
            outlet_id=case.outlet_id,
            customer_id=case.customer_id,
            product_id=case.product_id,
            amount_minor=case.amount_minor,
            currency=case.currency,
            rhythm=terms.rhythm,
            first_debit_on=terms.first_debit_on,
            ends_on=terms.ends_on,
            state=PlanState.ACTIVE,
            reasons=[],
            changed_at=at,
        )
        fact = PlanSetUp(
            version=1,
            occurred_at=at,
            plan_id=plan_id,
            case_id=case.id,
            outlet_id=case.outlet_id,
            customer_id=case.customer_id,
            product_id=case.product_id,
            amount_minor=case.amount_minor,
            currency=case.currency,
            rhythm=terms.rhythm.value,
            first_debit_on=terms.first_debit_on,
            ends_on=terms.ends_on,
        )
        return plan, plan._taken(by, at), fact

    def period_of(self, due_on: date, money: Money, at: datetime) -> int:
        """The period of a debit that may be judged now.

        Raises :class:`PlanNotActive`, :class:`PlanAmountIncreased`, :class:`DebitNotDue`.
        """
        if self.state is not PlanState.ACTIVE:
            zh, en = STATES[self.state]
            raise PlanNotActive(zh_state=zh, en_state=en)
        if money.currency != self.currency or money.amount_minor > self.amount_minor:
            raise PlanAmountIncreased(pointer="/amount_minor")
        if due_on > legal_date(at) + timedelta(days=AHEAD_DAYS):
            raise DebitNotDue(pointer="/due_on")
        terms = Terms(rhythm=self.rhythm, first_debit_on=self.first_debit_on, ends_on=self.ends_on)
        return terms.period_of(due_on)

    def allow(self, debit: Debit, decision: Decision) -> PlanDebitAllowed:
        """The debit was judged and passes."""
        self.version = debit.plan_version
        self.changed_at = debit.announced_at
        return PlanDebitAllowed(
            version=self.version,
            occurred_at=debit.announced_at,
            plan_id=self.id,
            debit_id=debit.id,
            decision_id=debit.decision_id,
            decision=decision.digest,
            due_on=debit.due_on,
            amount_minor=debit.amount_minor,
            currency=debit.currency,
        )

    def suspend(self, debit: Debit, decision: Decision, violations: Sequence[Violation]) -> PlanSuspended:
        """The debit was judged and fails: the plan rests."""
        self.version = debit.plan_version
        self.state, self.changed_at = PlanState.SUSPENDED, debit.announced_at
        self.reasons = [violation.code for violation in violations]
        return PlanSuspended(
            version=self.version,
            occurred_at=debit.announced_at,
            plan_id=self.id,
            debit_id=debit.id,
            decision_id=debit.decision_id,
            decision=decision.digest,
            outlet_id=self.outlet_id,
            customer_id=self.customer_id,
            product_id=self.product_id,
            due_on=debit.due_on,
            broken=tuple(BrokenRule(rule=one.rule, code=one.code) for one in violations),
        )

    def renew(self, case: SaleCase, *, by: str, at: datetime) -> tuple[PlanCase, PlanRenewed]:
        """A new sale goes on with the plan. Raises :class:`PlanHasEnded`, :class:`PlanCaseInvalid`."""
        if self.state is PlanState.ENDED:
            raise PlanHasEnded
        _must_be_sold(case)
        known = (self.customer_id, self.product_id, self.outlet_id, self.currency)
        if (case.customer_id, case.product_id, case.outlet_id, case.currency) != known:
            raise PlanCaseInvalid(pointer="/case_id")
        self.case_id, self.amount_minor = case.id, case.amount_minor
        self.state, self.reasons, self.changed_at = PlanState.ACTIVE, [], at
        self.version += 1
        fact = PlanRenewed(
            version=self.version,
            occurred_at=at,
            plan_id=self.id,
            case_id=case.id,
            amount_minor=case.amount_minor,
            currency=case.currency,
        )
        return self._taken(by, at), fact

    def end(self, at: datetime) -> PlanEnded:
        """The customer takes his plan back. Raises :class:`PlanHasEnded`."""
        if self.state is PlanState.ENDED:
            raise PlanHasEnded
        self.state, self.changed_at = PlanState.ENDED, at
        self.version += 1
        return PlanEnded(
            version=self.version,
            occurred_at=at,
            plan_id=self.id,
            customer_id=self.customer_id,
            product_id=self.product_id,
        )

    def end_reversed(self, at: datetime) -> PlanEnded:
        """The sale that it rests on was taken back. Raises :class:`PlanHasEnded`."""
        fact = self.end(at)
        self.reasons = [SALE_REVERSED]
        return fact

    def _taken(self, by: str, at: datetime) -> PlanCase:
        return PlanCase(
            case_id=self.case_id,
            plan_id=self.id,
            plan_version=self.version,
            amount_minor=self.amount_minor,
            currency=self.currency,
            taken_by=by,
            taken_at=at,
        )


def _must_be_sold(case: SaleCase) -> None:
    if case.transaction is not Transaction.PLAN or case.state is not CaseState.LOGGED:
        raise PlanCaseInvalid(pointer="/case_id")

"""The functions behind the rules about promotional materials and campaigns: pure, named with a version.

What is judged is what is shown: texts are searched for wordings as names of products are, so that signs and
spaces between the letters hide nothing.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from compliance.periods.domain import add_months, end_of
from compliance.rulebook.domain import (
    PASS,
    Check,
    Finding,
    NoParameters,
    PureCheck,
    Verdict,
    codes_of,
    fail,
    unknown,
)
from compliance.rulebook.names import folded, stands_in

SECTION_MISSING = "MATERIAL_RISK_SECTION_MISSING"
YIELD_CLAIM = "YIELD_CLAIM_FORBIDDEN"
INCOMPLETE, INCONSISTENT = "BENCHMARK_DISCLOSURE_INCOMPLETE", "BENCHMARK_INCONSISTENT"
MISREPRESENTED = "PRODUCT_KIND_MISREPRESENTED"
GUARANTEE, CHURNING = "GUARANTEE_PROMISE", "CHURNING"
PUBLICISED = "PRIVATE_OFFER_PUBLICISED"
INDUCEMENT = "INDUCEMENT_FORBIDDEN"


class PublicityChannel(StrEnum):
    """Where a material is shown (M051)."""

    OUTLET_DISPLAY = "OUTLET_DISPLAY"
    LEAFLET = "LEAFLET"
    RADIO = "RADIO"
    SMS = "SMS"
    LED = "LED"
    ATM_SCREEN = "ATM_SCREEN"
    WEBSITE = "WEBSITE"
    APP = "APP"
    SOCIAL = "SOCIAL"


class DeclaredKind(StrEnum):
    """As what a material presents what it is about: a kind of the registry, or a deposit."""

    WEALTH = "WEALTH"
    FUND = "FUND"
    SECURITIES = "SECURITIES"
    TRUST = "TRUST"
    INSURANCE = "INSURANCE"
    INVESTMENT_INSURANCE = "INVESTMENT_INSURANCE"
    GOV_BOND = "GOV_BOND"
    PHYSICAL_METAL = "PHYSICAL_METAL"
    DEPOSIT = "DEPOSIT"


class Incentive(StrEnum):
    """What a campaign holds out to those who take part (M066)."""

    LOTTERY = "LOTTERY"
    KICKBACK = "KICKBACK"
    GIFT = "GIFT"
    COUPON = "COUPON"
    POINTS_FOR_GIFTS = "POINTS_FOR_GIFTS"
    INSTALMENTS = "INSTALMENTS"
    NONE = "NONE"


@dataclass(frozen=True, kw_only=True)
class BenchmarkShown:
    """A performance benchmark as a material shows it.

    ``reason``: why it was chosen; ``basis`` and ``method``: how it was worked out; ``caveat_beside``: whether
    the caveat stands beside it, as large.
    """

    value: str
    reason: str | None
    basis: str | None
    method: str | None
    caveat: str | None
    caveat_beside: bool


@dataclass(frozen=True, kw_only=True)
class PastPerformance:
    """What a material says about the past, of a product founded on that legal day."""

    text: str
    founded_on: date


@dataclass(frozen=True, kw_only=True)
class ProductShown:
    """The product as the registers have it; ``benchmark`` None: none is approved."""

    kind: str
    private: bool
    benchmark: str | None


@dataclass(frozen=True, kw_only=True)
class MaterialFacts:
    """What is shown, where, and the product of the registry that it is about, if any."""

    decided_at: datetime
    channels: tuple[PublicityChannel, ...]
    title: str
    text: str
    features: str | None
    risks: str | None
    declared_kind: DeclaredKind | None
    benchmark: BenchmarkShown | None
    past_performance: PastPerformance | None
    product: ProductShown | None

    @property
    def product_kind(self) -> str | None:
        """The registry's kind; without a product the declared one."""
        return self.declared_kind if self.product is None else self.product.kind

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is there to be read."""
        shown = [self.title, self.text, self.features, self.risks]
        if (mark := self.benchmark) is not None:
            shown += [mark.value, mark.reason, mark.basis, mark.method, mark.caveat]
        if self.past_performance is not None:
            shown.append(self.past_performance.text)
        return tuple(one for one in shown if one is not None)


@dataclass(frozen=True, kw_only=True)
class InducementFacts:
    """What is held out to whom: the kinds of product that it is tied to, and what is written about it."""

    decided_at: datetime
    kinds: tuple[str, ...]
    incentives: tuple[Incentive, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Term:
    """A wording, and longer words in which it means nothing."""

    term: str
    unless: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class YieldTerms:
    """PRD-06: wordings that claim a yield, and those that announce a benchmark."""

    claims: tuple[Term, ...]
    benchmarks: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True)
class BenchmarkTerms:
    """PRD-10: what a caveat denies and refuses, one wording of each list; months before a past counts."""

    denials: tuple[str, ...]
    refusals: tuple[str, ...]
    months: int


@dataclass(frozen=True, kw_only=True)
class KindTerms:
    """SAL-05: how deposits are spoken of, and how wealth products are."""

    deposits: tuple[Term, ...]
    products: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True)
class PromiseTerms:
    """SAL-09: wordings that promise principal or yield, and those that invite to trade often."""

    guarantees: tuple[Term, ...]
    churning: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True)
class PublicChannels:
    """SUI-17: the channels that speak to everybody."""

    channels: tuple[PublicityChannel, ...]


@dataclass(frozen=True, kw_only=True)
class InducementTerms:
    """SAL-07: what must not be tied to which kinds, and how it is spoken of."""

    kinds: tuple[str, ...]
    incentives: tuple[Incentive, ...]
    terms: tuple[Term, ...]


def said(texts: Iterable[str], terms: Iterable[Term]) -> tuple[str, ...]:
    """The wordings of the list that stand in any of the texts, in the order of the list."""
    shown = tuple(texts)
    return tuple(one.term for one in terms if any(stands_in(text, one.term, one.unless) for text in shown))


def exact(text: str) -> str:
    """A figure as it is compared: in one width and case, without spaces, every other sign kept."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def sections_complete(facts: MaterialFacts, parameters: NoParameters) -> Verdict:
    """PRD-05: what is about a product says its main features and its risks."""
    if facts.product_kind is None:
        return PASS
    given = {"section.features": facts.features, "section.risks": facts.risks}
    missing = tuple(name for name, text in given.items() if text is None or not folded(text))
    return fail(SECTION_MISSING, sections=missing) if missing else PASS


def no_yield_claimed(facts: MaterialFacts, parameters: YieldTerms) -> Verdict:
    """PRD-06: no expected yield; a benchmark comes with its reason, its basis and its method."""
    found: list[Finding] = []
    if claims := said(facts.texts, parameters.claims):
        found.append(Finding(code=YIELD_CLAIM, reason="wording", details={"terms": claims}))
    mark = facts.benchmark
    if mark is None:
        # A figure beside the word is a benchmark that is shown alone.
        figures = [text for text in facts.texts if "%" in folded(text)]
        if alone := said(figures, parameters.benchmarks):
            found.append(Finding(code=YIELD_CLAIM, reason="alone", details={"terms": alone}))
    else:
        lacking = _blank(reason=mark.reason, basis=mark.basis, method=mark.method)
        if lacking:
            found.append(Finding(code=YIELD_CLAIM, reason="bare", details={"lacking": lacking}))
    return Verdict(tuple(found))


def benchmark_disclosed(facts: MaterialFacts, parameters: BenchmarkTerms) -> Verdict:
    """PRD-10: a benchmark is explained, warned about and that of the register; a past has had its month."""
    found: list[Finding] = []
    if (mark := facts.benchmark) is not None:
        lacking = [*_blank(reason=mark.reason)]
        if _blank(either=mark.basis) and _blank(either=mark.method):
            lacking.append("benchmark.basis_or_method")
        if not _warns(mark, parameters):
            lacking.append("benchmark.caveat")
        if lacking:
            found.append(Finding(code=INCOMPLETE, reason="lacking", details={"lacking": tuple(lacking)}))
        found += _inconsistent(mark, facts.product)
    if (past := facts.past_performance) is not None:
        last_day = add_months(past.founded_on, parameters.months)
        if facts.decided_at < end_of(last_day):
            details = {"last_day": (last_day.isoformat(),)}
            found.append(Finding(code=INCOMPLETE, reason="young", details=details))
    return Verdict(tuple(found))


def kind_told(facts: MaterialFacts, parameters: KindTerms) -> Verdict:
    """SAL-05: a product is called what the registry calls it, a deposit is no product and none a deposit."""
    found: list[Finding] = []
    product, declared = facts.product, facts.declared_kind
    if product is not None and declared is None:
        return unknown(MISREPRESENTED, "declared_kind")
    if product is not None and declared is not None and declared.value != product.kind:
        details = {"declared": (declared.value,), "registered": (product.kind,)}
        found.append(Finding(code=MISREPRESENTED, reason="declared", details=details))
    deposit = facts.product_kind == DeclaredKind.DEPOSIT
    terms = parameters.products if deposit else parameters.deposits
    if facts.product_kind is not None and (words := said(facts.texts, terms)):
        reason = "product_wording" if deposit else "deposit_wording"
        found.append(Finding(code=MISREPRESENTED, reason=reason, details={"terms": words}))
    return Verdict(tuple(found))


def nothing_promised(facts: MaterialFacts, parameters: PromiseTerms) -> Verdict:
    """SAL-09: neither principal nor yield is guaranteed, nobody is invited to trade often."""
    found: list[Finding] = []
    for code, terms in ((GUARANTEE, parameters.guarantees), (CHURNING, parameters.churning)):
        if words := said(facts.texts, terms):
            found.append(Finding(code=code, details={"terms": words}))
    return Verdict(tuple(found))


def private_unpublished(facts: MaterialFacts, parameters: PublicChannels) -> Verdict:
    """SUI-17: a private offering is never shown to everybody."""
    if facts.product is None or not facts.product.private:
        return PASS
    public = tuple(one.value for one in facts.channels if one in parameters.channels)
    return fail(PUBLICISED, channels=public) if public else PASS


def nothing_held_out(facts: InducementFacts, parameters: InducementTerms) -> Verdict:
    """SAL-07: no lottery, kickback, gift or coupon is tied to the sale of these kinds."""
    if not set(facts.kinds) & set(parameters.kinds):
        return PASS
    found: list[Finding] = []
    if held := tuple(one.value for one in facts.incentives if one in parameters.incentives):
        found.append(Finding(code=INDUCEMENT, reason="incentive", details={"incentives": held}))
    if words := said(facts.texts, parameters.terms):
        found.append(Finding(code=INDUCEMENT, reason="wording", details={"terms": words}))
    return Verdict(tuple(found))


def _blank(**texts: str | None) -> tuple[str, ...]:
    return tuple(f"benchmark.{name}" for name, text in texts.items() if text is None or not folded(text))


def _warns(mark: BenchmarkShown, terms: BenchmarkTerms) -> bool:
    caveat = folded(mark.caveat or "")
    return mark.caveat_beside and all(
        any(folded(one) in caveat for one in wordings) for wordings in (terms.denials, terms.refusals)
    )


def _inconsistent(mark: BenchmarkShown, product: ProductShown | None) -> list[Finding]:
    if product is None:
        return []
    if product.benchmark is None:
        return [Finding(code=INCONSISTENT, reason="unregistered")]
    if exact(mark.value) == exact(product.benchmark):
        return []
    details = {"shown": (mark.value,), "registered": (product.benchmark,)}
    return [Finding(code=INCONSISTENT, reason="other", details=details)]


_CHECKS: tuple[Check[MaterialFacts], ...] = (
    PureCheck(
        "material.sections_complete.v1", {SECTION_MISSING: ("sections",)}, NoParameters, sections_complete
    ),
    PureCheck(
        "material.no_yield_claimed.v1",
        codes_of(YIELD_CLAIM, wording=("terms",), alone=("terms",), bare=("lacking",)),
        YieldTerms,
        no_yield_claimed,
    ),
    PureCheck(
        "material.benchmark_disclosed.v1",
        codes_of(INCOMPLETE, lacking=("lacking",), young=("last_day",))
        | codes_of(INCONSISTENT, "unregistered", other=("shown", "registered")),
        BenchmarkTerms,
        benchmark_disclosed,
    ),
    PureCheck(
        "material.kind_told.v1",
        codes_of(
            MISREPRESENTED,
            declared=("declared", "registered"),
            deposit_wording=("terms",),
            product_wording=("terms",),
        ),
        KindTerms,
        kind_told,
    ),
    PureCheck(
        "material.nothing_promised.v1",
        {GUARANTEE: ("terms",), CHURNING: ("terms",)},
        PromiseTerms,
        nothing_promised,
    ),
    PureCheck(
        "material.private_unpublished.v1", {PUBLICISED: ("channels",)}, PublicChannels, private_unpublished
    ),
)

MATERIAL_CHECKS: Mapping[str, Check[MaterialFacts]] = {check.name: check for check in _CHECKS}

INDUCEMENT_CHECKS: Mapping[str, Check[InducementFacts]] = {
    check.name: check
    for check in (
        PureCheck(
            "inducement.nothing_held_out.v1",
            codes_of(INDUCEMENT, incentive=("incentives",), wording=("terms",)),
            InducementTerms,
            nothing_held_out,
        ),
    )
}

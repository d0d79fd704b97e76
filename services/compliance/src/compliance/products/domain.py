"""A product in the registry: what it is, how risky, whether it may be sold (PRD-01, -02, -04, -07, -08).

Nothing goes back: what is no longer sold runs on as EXISTING, and what has ended stays as it was.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.evidence.domain import sha256_of
from compliance.products.events import (
    ProductChanged,
    ProductEntry,
    ProductListed,
    ProductRiskChanged,
    ProductWithdrawn,
)
from compliance.rulebook.domain import Finding
from compliance.rulebook.facts import (
    AdmissionFacts,
    AssetClass,
    PartnerFacts,
    PartnerState,
    ProductFacts,
    ProductForm,
    ProductKind,
    ProductOffering,
    ProductOrigin,
    ProductStatus,
)
from compliance.rulebook.names import BANNED, Flaw

#: PRD-07: R1 to R5.
RISK_LEVEL_MIN, RISK_LEVEL_MAX = 1, 5
TERM_MONTHS_MAX = 1200
YEARS_MAX = 100


class ProductIsEnded(Conflict):
    """An ended product does not change any more."""

    code = "PRODUCT_ENDED"
    zh = "产品 {code} 已终止;不能再变更,新产品请另行登记。"
    en = "Product {code} has ended; nothing can change any more, list a new product."


class ProductNotOnSale(Conflict):
    """The sale of a product ends once."""

    code = "PRODUCT_NOT_ON_SALE"
    zh = "产品 {code} 已停止销售;如产品已终止,请登记为 ENDED。"
    en = "Product {code} is no longer on sale; if it is over, withdraw it as ENDED."


class RiskLevelOutOfRange(Invalid):
    """PRD-07."""

    code = "RISK_LEVEL_OUT_OF_RANGE"
    zh = "产品风险等级须为 1 至 5(R1–R5);收到 {level}。"
    en = "Risk levels run from 1 to 5 (R1 to R5); {level} was given."


class RiskLevelUnchanged(Invalid):
    """A grading that changes nothing would alarm the holders for nothing."""

    code = "RISK_LEVEL_UNCHANGED"
    zh = "产品 {code} 的风险等级与现有等级相同;无需变更。"
    en = "Product {code} has these risk levels already; there is nothing to change."


class ProductNameBannedTerm(Invalid):
    """PRD-04: ``term`` is the first wording found, ``zh_flaw`` and ``en_flaw`` what it does."""

    code = BANNED
    zh = "产品名称含有{zh_flaw}用语“{term}”;请更换名称。"
    en = 'The name holds the {en_flaw} wording "{term}"; choose another name.'


FLAWS_ZH = {Flaw.ENTICING: "诱惑性", Flaw.MISLEADING: "误导性", Flaw.DISPUTED: "易引发争议的"}
FLAWS_EN = {Flaw.ENTICING: "enticing", Flaw.MISLEADING: "misleading", Flaw.DISPUTED: "dispute-prone"}


def unfit_name(finding: Finding) -> ProductNameBannedTerm:
    """PRD-04: the refusal of a name, with the wording and what it does."""
    (term,) = finding.details["term"]
    flaw = Flaw(str(finding.reason))
    return ProductNameBannedTerm(term=term, en_flaw=FLAWS_EN[flaw], zh_flaw=FLAWS_ZH[flaw], pointer="/name")


class PartnerOfOwnProduct(Invalid):
    """Nobody supplies the bank's own products."""

    code = "PARTNER_OF_OWN_PRODUCT"
    zh = "自有产品没有合作机构;请删除 partner_id,或核对 origin。"
    en = "The bank's own product has no partner; leave partner_id out, or check origin."


class PartnerUnknown(Invalid):
    """The partner comes first."""

    code = "PARTNER_UNKNOWN"
    zh = "没有这个合作机构;请先将其准入名单。"
    en = "There is no such partner; admit it to the list first."


class PartnerNotListed(Conflict):
    """AGY-04, when the product is entered; the gate asks again."""

    code = "PARTNER_NOT_LISTED"
    zh = "该合作机构不在名单内;请选择名单内的合作机构。"
    en = "The partner is not on the list; name one that is."


class PartnerSuppliesOther(Invalid):
    """A partner supplies the kinds that it was admitted for."""

    code = "PARTNER_SUPPLIES_OTHER"
    zh = "该合作机构的准入范围不包括 {kind};请核对产品种类或变更合作机构的供应范围。"
    en = "The partner was not admitted for {kind}; check the kind, or change what the partner may supply."


def check_supply(kind: ProductKind, partner: PartnerFacts | None) -> UUID:
    """AGY-04: the id of the partner that will supply a product of this kind.

    Raises :class:`PartnerUnknown`, :class:`PartnerNotListed`, :class:`PartnerSuppliesOther`.
    """
    if partner is None:
        raise PartnerUnknown(pointer="/partner_id")
    if partner.state is not PartnerState.LISTED:
        raise PartnerNotListed(pointer="/partner_id")
    if kind not in partner.kinds:
        raise PartnerSuppliesOther(kind=kind.value, pointer="/partner_id")
    return partner.partner_id


class TermOutOfRange(Invalid):
    """A closed-end product ends some day."""

    code = "TERM_OUT_OF_RANGE"
    zh = "产品期限须为 1 至 {limit} 个月;收到 {months}。"
    en = "The term runs from 1 to {limit} months; {months} was given."


class PaymentYearsInvalid(Invalid):
    """SUI-21: only premiums in instalments are paid over years."""

    code = "PAYMENT_YEARS_INVALID"
    zh = "交费年限须为 1 至 {limit} 年,且仅适用于期交产品;请更正。"
    en = "Payment years run from 1 to {limit} and need a product with instalments; correct them."


@dataclass(frozen=True, kw_only=True)
class ProductTerms:
    """What describes a product and may be corrected. ``term_months`` None: open, or not known.

    The rest None: not known, and whatever needs it is not sold. ``payment_years`` of premiums in instalments.
    """

    name: str
    issuer: str
    offering: ProductOffering
    term_months: int | None
    asset_class: AssetClass | None = None
    instalment: bool | None = None
    payment_years: int | None = None
    benefit_certain: bool | None = None

    def __post_init__(self) -> None:
        if self.payment_years is not None and not (self.instalment and 1 <= self.payment_years <= YEARS_MAX):
            raise PaymentYearsInvalid(limit=YEARS_MAX, pointer="/payment_years")
        if self.term_months is not None and not 1 <= self.term_months <= TERM_MONTHS_MAX:
            raise TermOutOfRange(limit=TERM_MONTHS_MAX, months=self.term_months, pointer="/term_months")


@dataclass(frozen=True, kw_only=True)
class RiskLevels:
    """The issuer's and the bank's level, 1 to 5, None while not graded."""

    issuer: int | None
    bank: int | None

    def __post_init__(self) -> None:
        for name, level in (("issuer", self.issuer), ("bank", self.bank)):
            if level is not None and not RISK_LEVEL_MIN <= level <= RISK_LEVEL_MAX:
                raise RiskLevelOutOfRange(level=level, pointer=f"/{name}_risk_level")

    @property
    def effective(self) -> int | None:
        """PRD-08: the higher one; None while neither is known."""
        return max((level for level in (self.issuer, self.bank) if level is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A product about to be entered; ``partner_id``: an agency product's supplier, None: not named yet."""

    code: str
    origin: ProductOrigin
    kind: ProductKind
    form: ProductForm
    terms: ProductTerms
    levels: RiskLevels
    partner_id: UUID | None

    def __post_init__(self) -> None:
        if self.partner_id is not None and self.origin is ProductOrigin.OWN:
            raise PartnerOfOwnProduct(pointer="/partner_id")


@dataclass
class Product:
    """The aggregate, and the head that a decision locks (G1). Every change is one version and one fact.

    ``code``, ``origin``, ``kind`` and ``form`` stay: past sales and their retention were judged by them.
    """

    id: UUID
    version: int
    code: str
    origin: ProductOrigin
    kind: ProductKind
    form: ProductForm
    name: str
    issuer: str
    offering: ProductOffering
    term_months: int | None
    issuer_risk_level: int | None
    bank_risk_level: int | None
    status: ProductStatus
    listed_at: datetime
    #: Whoever supplies an agency product (AGY-04); None: nobody is named yet, and the gate refuses it.
    partner_id: UUID | None
    asset_class: AssetClass | None
    instalment: bool | None
    payment_years: int | None
    benefit_certain: bool | None

    @classmethod
    def enter(cls, product_id: UUID, listing: Listing, *, at: datetime) -> tuple["Product", ProductListed]:
        """A new product on sale, at version 1. Without a risk level the gate refuses it (PRD-07)."""
        product = cls(
            id=product_id,
            version=1,
            code=listing.code,
            origin=listing.origin,
            kind=listing.kind,
            form=listing.form,
            name=listing.terms.name,
            issuer=listing.terms.issuer,
            offering=listing.terms.offering,
            term_months=listing.terms.term_months,
            issuer_risk_level=listing.levels.issuer,
            bank_risk_level=listing.levels.bank,
            status=ProductStatus.ON_SALE,
            listed_at=at,
            partner_id=listing.partner_id,
            asset_class=listing.terms.asset_class,
            instalment=listing.terms.instalment,
            payment_years=listing.terms.payment_years,
            benefit_certain=listing.terms.benefit_certain,
        )
        return product, ProductListed(
            version=1, occurred_at=at, product_id=product_id, product=product.entry()
        )

    def change(self, terms: ProductTerms, *, at: datetime) -> ProductChanged:
        """Corrects what describes the product. Raises :class:`ProductIsEnded`."""
        self.must_run()
        self.name, self.issuer = terms.name, terms.issuer
        self.offering, self.term_months = terms.offering, terms.term_months
        self.asset_class, self.benefit_certain = terms.asset_class, terms.benefit_certain
        self.instalment, self.payment_years = terms.instalment, terms.payment_years
        self.version += 1
        return ProductChanged(version=self.version, occurred_at=at, product_id=self.id, product=self.entry())

    def be_supplied(self, supplier: PartnerFacts | None, *, at: datetime) -> ProductChanged:
        """Another partner supplies the product, which is to be admitted anew (AGY-05).

        Raises :class:`ProductIsEnded`, :class:`PartnerOfOwnProduct`, and as :func:`check_supply` does.
        """
        self.must_run()
        if self.origin is ProductOrigin.OWN:
            raise PartnerOfOwnProduct(pointer="/partner_id")
        self.partner_id = check_supply(self.kind, supplier)
        self.version += 1
        return ProductChanged(version=self.version, occurred_at=at, product_id=self.id, product=self.entry())

    def grade(self, levels: RiskLevels, *, reason: str, at: datetime) -> ProductRiskChanged:
        """Grades the product anew (PRD-08). Raises :class:`ProductIsEnded`, :class:`RiskLevelUnchanged`."""
        self.must_run()
        if levels == self.levels:
            raise RiskLevelUnchanged(code=self.code)
        previous = self.levels.effective
        self.issuer_risk_level, self.bank_risk_level = levels.issuer, levels.bank
        self.version += 1
        return ProductRiskChanged(
            version=self.version,
            occurred_at=at,
            product_id=self.id,
            code=self.code,
            issuer_risk_level=levels.issuer,
            bank_risk_level=levels.bank,
            effective_risk_level=levels.effective,
            previous_risk_level=previous,
            reason=reason,
        )

    def withdraw(self, *, ended: bool, reason: str, at: datetime) -> ProductWithdrawn:
        """Ends the sale (PRD-01): ENDED for good, else EXISTING while the product runs on.

        Raises :class:`ProductIsEnded`, :class:`ProductNotOnSale`.
        """
        self.must_run()
        if not ended and self.status is not ProductStatus.ON_SALE:
            raise ProductNotOnSale(code=self.code)
        self.status = ProductStatus.ENDED if ended else ProductStatus.EXISTING
        self.version += 1
        return ProductWithdrawn(
            version=self.version,
            occurred_at=at,
            product_id=self.id,
            code=self.code,
            status=self.status.value,
            reason=reason,
        )

    @property
    def terms_digest(self) -> str:
        """SHA-256 over what describes the product, and who supplies it: a change of it can be seen."""
        return sha256_of(
            {
                "name": self.name,
                "issuer": self.issuer,
                "offering": self.offering.value,
                "term_months": self.term_months,
                "asset_class": self.asset_class and self.asset_class.value,
                "instalment": self.instalment,
                "payment_years": self.payment_years,
                "benefit_certain": self.benefit_certain,
                "partner_id": None if self.partner_id is None else str(self.partner_id),
            }
        )

    @property
    def levels(self) -> RiskLevels:
        """The present levels."""
        return RiskLevels(issuer=self.issuer_risk_level, bank=self.bank_risk_level)

    def entry(self) -> ProductEntry:
        """The entry as facts carry it."""
        return ProductEntry(
            code=self.code,
            name=self.name,
            issuer=self.issuer,
            origin=self.origin.value,
            kind=self.kind.value,
            form=self.form.value,
            offering=self.offering.value,
            term_months=self.term_months,
            issuer_risk_level=self.issuer_risk_level,
            bank_risk_level=self.bank_risk_level,
            effective_risk_level=self.levels.effective,
            status=self.status.value,
            partner_id=self.partner_id,
        )

    def facts(self, admission: AdmissionFacts | None = None) -> ProductFacts:
        """What the gate may rest on, with an agency product's admission."""
        return ProductFacts(
            product_id=self.id,
            version=self.version,
            kind=self.kind,
            form=self.form,
            origin=self.origin,
            status=self.status,
            issuer_level=self.issuer_risk_level,
            bank_level=self.bank_risk_level,
            term_months=self.term_months,
            offering=self.offering,
            partner_id=self.partner_id,
            admission=admission,
            asset_class=self.asset_class,
            instalment=self.instalment,
            payment_years=self.payment_years,
            benefit_certain=self.benefit_certain,
        )

    def must_run(self) -> None:
        """Raises :class:`ProductIsEnded`."""
        if self.status is ProductStatus.ENDED:
            raise ProductIsEnded(code=self.code)

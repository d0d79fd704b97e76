"""Who may do what in compliance: one table of actions, one pure function."""

from enum import StrEnum
from uuid import UUID

from chassis.auth import ALL_OUTLETS, Principal, Resource, Verdict
from chassis.errors import Forbidden


class Role(StrEnum):
    """The roles that this service knows."""

    SELLER = "seller"
    OUTLET_HEAD = "outlet_head"
    COMPLAINT_HANDLER = "complaint_handler"
    PRODUCT_ADMIN = "product_admin"
    COMPLIANCE_OFFICER = "compliance_officer"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    INTEGRATION = "integration"
    CUSTOMER = "customer"


OVERSIGHT = frozenset({Role.COMPLIANCE_OFFICER, Role.AUDITOR})
OUTLET_READERS = OVERSIGHT | {Role.SELLER, Role.OUTLET_HEAD}
OUTLET_SERVERS = frozenset({Role.SELLER, Role.OUTLET_HEAD})
PRODUCT_WRITERS = frozenset({Role.PRODUCT_ADMIN})
OFFICERS = frozenset({Role.COMPLIANCE_OFFICER})
PUBLICISTS = PRODUCT_WRITERS | {Role.OUTLET_HEAD}
CUSTOMERS = frozenset({Role.CUSTOMER})
PERSONAL_DATA_USERS = frozenset(
    {Role.SELLER, Role.COMPLAINT_HANDLER, Role.COMPLIANCE_OFFICER, Role.INTEGRATION}
)

ACTIONS: dict[str, frozenset[Role]] = {
    "seller.list": OUTLET_READERS | {Role.OPERATOR},
    "seller.read": OUTLET_READERS | {Role.OPERATOR},
    # PRD-02: anyone may read the registry, one department writes it.
    "product.query": frozenset(Role),
    "product.list": frozenset(Role) - CUSTOMERS,
    "product.read": frozenset(Role) - CUSTOMERS,
    "product.enter": PRODUCT_WRITERS,
    "product.import": PRODUCT_WRITERS,
    "product.change": PRODUCT_WRITERS,
    "product.grade": PRODUCT_WRITERS,
    "product.withdraw": PRODUCT_WRITERS,
    "product.script": PRODUCT_WRITERS,
    "product.schedule": PRODUCT_WRITERS,
    # PRD-05, PRD-10: whoever wants to show something has another person approve it.
    "benchmark.query": frozenset(Role),
    "benchmark.propose": PRODUCT_WRITERS,
    "benchmark.read": PUBLICISTS | OVERSIGHT,
    "benchmark.review": OFFICERS,
    "campaign.propose": PUBLICISTS,
    "campaign.list": PUBLICISTS | OVERSIGHT,
    "campaign.read": PUBLICISTS | OVERSIGHT,
    "campaign.review": OFFICERS,
    "material.submit": PUBLICISTS,
    "material.list": PUBLICISTS | OVERSIGHT,
    "material.read": PUBLICISTS | OVERSIGHT,
    "material.review": OFFICERS,
    "material.release": PUBLICISTS,
    "material.withdraw": PUBLICISTS | OFFICERS,
    # AGY-05: the department examines, compliance approves, a senior resolution is recorded by somebody else.
    "product.supply": PRODUCT_WRITERS,
    "product.examine": PRODUCT_WRITERS,
    "product.approve": OFFICERS,
    "product.approve_senior": PRODUCT_WRITERS,
    # AGY-02: the list of partners is open, head office writes it.
    "partner.query": frozenset(Role),
    "partner.list": frozenset(Role) - CUSTOMERS,
    "partner.read": frozenset(Role) - CUSTOMERS,
    "partner.admit": PRODUCT_WRITERS,
    "partner.change": PRODUCT_WRITERS,
    "partner.review": PRODUCT_WRITERS,
    "partner.exit": PRODUCT_WRITERS,
    # FEE-04: everybody may know the tariff; the department that writes the registry writes it too.
    "tariff.query": frozenset(Role),
    "fee_service.list": frozenset(Role) - CUSTOMERS,
    "fee_service.read": frozenset(Role) - CUSTOMERS,
    "fee_service.introduce": PRODUCT_WRITERS,
    "fee_service.link": PRODUCT_WRITERS,
    "fee_price.announce": PRODUCT_WRITERS,
    "fee_waiver.grant": PRODUCT_WRITERS,
    "fee_publicity.check": PRODUCT_WRITERS,
    "fee_notice.put_up": frozenset({Role.OUTLET_HEAD}),
    "fee_notice.publish": PRODUCT_WRITERS,
    "fee_publication.list": OUTLET_READERS | PRODUCT_WRITERS,
    # FEE-01, FEE-02: the outlet tells and serves, the customer alone confirms.
    "fee_quote.tell": OUTLET_SERVERS | CUSTOMERS,
    "fee_quote.list": OUTLET_READERS,
    "fee_quote.read": OUTLET_READERS | CUSTOMERS,
    "fee_quote.confirm": CUSTOMERS,
    "service_record.make": OUTLET_SERVERS,
    "service_record.list": OUTLET_READERS,
    "service_record.read": OUTLET_READERS,
    # SAL-06: the department that writes the registry also says what is offered together.
    "offer.enter": PRODUCT_WRITERS,
    "offer.list": frozenset(Role) - CUSTOMERS,
    "offer.read": frozenset(Role) - CUSTOMERS,
    "offer.withdraw": PRODUCT_WRITERS,
    # SUI-08, M156: sellers and the systems that manage leads recommend; the customer sees it.
    "proposal.look": frozenset({Role.SELLER, Role.INTEGRATION}),
    "proposal.make": frozenset({Role.SELLER, Role.INTEGRATION}),
    "proposal.list": OVERSIGHT | CUSTOMERS | {Role.SELLER, Role.INTEGRATION},
    "proposal.read": OVERSIGHT | CUSTOMERS | {Role.SELLER, Role.INTEGRATION},
    # PRD-03: whoever sends the notices says when they were sent.
    "risk_notice.list": PRODUCT_WRITERS | OVERSIGHT | {Role.INTEGRATION},
    "risk_notice.read": PRODUCT_WRITERS | OVERSIGHT | {Role.INTEGRATION},
    "risk_notice.report": frozenset({Role.INTEGRATION}),
    "product_enquiry.ask": frozenset(Role),
    "product_enquiry.count": PRODUCT_WRITERS | OVERSIGHT,
    "innovation.propose": PUBLICISTS,
    "innovation.list": PUBLICISTS | OVERSIGHT,
    "innovation.read": PUBLICISTS | OVERSIGHT,
    "innovation.review": OFFICERS,
    # M058, M135: the bank publishes forms, the outlet serves, the customer alone chooses.
    "application_form.query": frozenset(Role),
    "application_form.publish": PRODUCT_WRITERS,
    "application.open": OUTLET_SERVERS | CUSTOMERS,
    "application.list": OUTLET_READERS,
    "application.read": OUTLET_READERS | CUSTOMERS,
    "application.choose": CUSTOMERS,
    "application.identify": OUTLET_SERVERS,
    "application.advance": OUTLET_SERVERS,
    "application.decide": frozenset({Role.OUTLET_HEAD}),
    "application.withdraw": CUSTOMERS,
    # ZON-03: the outlet prepares its zone, somebody else inspects it.
    "zone.open": frozenset({Role.OUTLET_HEAD}),
    "zone.list": OUTLET_READERS,
    "zone.read": OUTLET_READERS,
    "zone.inspect": OFFICERS,
    "zone.suspend": frozenset({Role.OUTLET_HEAD, Role.COMPLIANCE_OFFICER}),
    "zone.close": frozenset({Role.OUTLET_HEAD, Role.COMPLIANCE_OFFICER}),
    # ZON-06: compliance knows the devices; the bank's gateway passes on what they sign themselves.
    "recorder.register": OFFICERS,
    "recorder.retire": OFFICERS,
    "recorder.read": OUTLET_READERS,
    "recorder.report": frozenset({Role.INTEGRATION}),
    "recorder.gaps": OVERSIGHT | {Role.OUTLET_HEAD},
    # ZON-10: who checks is not who sells.
    "outlet_capability.check": OFFICERS,
    "outlet_capability.read": OUTLET_READERS,
    # ZON-07: what the law leaves to the bank is decided by compliance alone.
    "sales_scope.decide": OFFICERS,
    "sales_scope.read": OVERSIGHT,
    # ZON-04: the outlet's head publishes who may sell there, anybody may read it.
    "staff_list.publish": frozenset({Role.OUTLET_HEAD}),
    "staff_list.read": OUTLET_READERS,
    "staff_list.query": frozenset(Role),
    "customer.register": frozenset({Role.SELLER, Role.INTEGRATION}),
    "customer.list": OVERSIGHT | {Role.INTEGRATION, Role.CUSTOMER},
    "customer.read": OVERSIGHT | {Role.SELLER, Role.INTEGRATION, Role.CUSTOMER},
    # SUI-07, SAL-08: nobody assesses or consents on the customer's behalf.
    "assessment.complete": CUSTOMERS,
    "assessment.confirm": CUSTOMERS,
    "assessment.import": frozenset({Role.INTEGRATION}),
    "assessment.list": OVERSIGHT | {Role.SELLER, Role.INTEGRATION, Role.CUSTOMER},
    "customer_change.report": frozenset({Role.SELLER, Role.CUSTOMER}),
    # PRI-09, PRI-10: everybody sees masks; who looks behind them has a purpose, and is on record.
    "personal_data.write": frozenset({Role.SELLER, Role.INTEGRATION}),
    "personal_data.read": PERSONAL_DATA_USERS | {Role.AUDITOR, Role.CUSTOMER},
    "personal_data.reveal": PERSONAL_DATA_USERS,
    "personal_data.search": PERSONAL_DATA_USERS,
    "personal_data.grant": OFFICERS,
    "personal_data.audit": OVERSIGHT,
    # PRI-03: the customer, or who answers for him, agrees; nobody else does.
    "notice.publish": OFFICERS,
    "notice.read": frozenset(Role),
    "notice.show": frozenset({Role.SELLER, Role.INTEGRATION, Role.CUSTOMER}),
    "impact_assessment.record": OFFICERS,
    "impact_assessment.list": OVERSIGHT,
    "guardian.record": frozenset({Role.SELLER}),
    "privacy_consent.answer": CUSTOMERS,
    "privacy_consent.read": OVERSIGHT | {Role.SELLER, Role.INTEGRATION, Role.CUSTOMER},
    "permission.check": PERSONAL_DATA_USERS,
    "permission.audit": OVERSIGHT,
    # M065: a file needs consent, its reading a purpose.
    "profile.write": frozenset({Role.SELLER, Role.INTEGRATION}),
    "profile.look": OVERSIGHT | {Role.SELLER, Role.INTEGRATION, Role.CUSTOMER},
    "profile.read": frozenset({Role.SELLER}),
    "profile.audit": OVERSIGHT,
    # PRI-06: the customer asks, an officer answers; PRI-07.
    "data_request.open": CUSTOMERS,
    "data_request.copy": CUSTOMERS,
    "data_request.list": OVERSIGHT,
    "data_request.read": OVERSIGHT | CUSTOMERS,
    "data_request.answer": OFFICERS,
    "data_incident.open": OFFICERS,
    "data_incident.act": OFFICERS,
    "data_incident.read": OVERSIGHT,
    # A birth date is for those who state it, oversight and the customer; a seller learns what the gate says.
    "circumstances.state": frozenset({Role.INTEGRATION}),
    "circumstances.read": OVERSIGHT | {Role.INTEGRATION, Role.CUSTOMER},
    "circumstances.list": OVERSIGHT | {Role.INTEGRATION, Role.CUSTOMER},
    "guardian_consent.state": frozenset({Role.INTEGRATION}),
    "guardian_consent.list": OVERSIGHT | {Role.SELLER, Role.INTEGRATION, Role.CUSTOMER},
    # SAL-08, SUI-16: the customer signs himself, the head approves.
    "safeguard.care": frozenset({Role.SELLER, Role.OUTLET_HEAD}),
    "safeguard.approve": frozenset({Role.OUTLET_HEAD}),
    "safeguard.sign": CUSTOMERS,
    "safeguard.cancel": CUSTOMERS,
    "safeguard.accept": frozenset({Role.INTEGRATION}),
    "safeguard.list": OUTLET_READERS | CUSTOMERS,
    # Core banking knows accounts and companies; the outlet sees whom it has to ask.
    "joint_account.state": frozenset({Role.INTEGRATION}),
    "joint_account.read": OVERSIGHT | {Role.SELLER, Role.INTEGRATION},
    "joint_account.list": OVERSIGHT | {Role.SELLER, Role.INTEGRATION, Role.CUSTOMER},
    "resolution.state": frozenset({Role.INTEGRATION}),
    "resolution.list": OVERSIGHT | {Role.SELLER, Role.INTEGRATION, Role.CUSTOMER},
    # Who calls back is anybody but who sold: the gate looks at the subject, not at the role.
    "party.declare": OUTLET_SERVERS,
    "party.list": OUTLET_READERS | CUSTOMERS,
    "assistance.record": OUTLET_SERVERS,
    "assistance.call_back": OUTLET_SERVERS | OFFICERS,
    "assistance.list": OUTLET_READERS | CUSTOMERS,
    # TXN-01, TXN-04: the customer alone consents to a rollover, a second person identifies an heir.
    "entitlement.consent": CUSTOMERS,
    "entitlement.identify": frozenset({Role.OUTLET_HEAD}),
    "entitlement.list": OUTLET_READERS | CUSTOMERS,
    "case.open": frozenset({Role.SELLER}),
    "case.list": OUTLET_READERS,
    "case.read": OUTLET_READERS | CUSTOMERS,
    "case.abandon": frozenset({Role.SELLER}),
    "consent.answer": CUSTOMERS,
    "consent.list": OUTLET_READERS | CUSTOMERS,
    "consent.read": OUTLET_READERS | CUSTOMERS,
    "consent.withdraw": CUSTOMERS,
    # SUI-02, SUI-05: the seller tells, the customer says that he knows.
    "opinion.give": frozenset({Role.SELLER}),
    "opinion.list": OUTLET_READERS | CUSTOMERS,
    "opinion.read": OUTLET_READERS | CUSTOMERS,
    "opinion.acknowledge": CUSTOMERS,
    "disclosure.show": frozenset({Role.SELLER}),
    "disclosure.list": OUTLET_READERS | CUSTOMERS,
    "disclosure.read": OUTLET_READERS | CUSTOMERS,
    "disclosure.acknowledge": CUSTOMERS,
    # The gate: a seller logs his own case, the outlet sees what was decided, everybody by which rules.
    "transaction.attempt": frozenset({Role.SELLER}),
    "transaction.list": OUTLET_READERS,
    "transaction.read": OUTLET_READERS,
    # The seller sets up and renews, core banking announces debits, the customer alone ends.
    "plan.set_up": frozenset({Role.SELLER}),
    "plan.renew": frozenset({Role.SELLER}),
    "plan.list": OUTLET_READERS | {Role.INTEGRATION},
    "plan.read": OUTLET_READERS | {Role.INTEGRATION} | CUSTOMERS,
    "plan.debit": frozenset({Role.INTEGRATION}),
    "plan.withdraw": CUSTOMERS,
    "sale.attempt": frozenset({Role.SELLER}),
    "sale.check": frozenset({Role.SELLER, Role.COMPLIANCE_OFFICER}),
    "sale.list": OUTLET_READERS,
    "sale.read": OUTLET_READERS,
    "attempt.list": OUTLET_READERS,
    "attempt.read": OUTLET_READERS,
    "decision.read": OUTLET_READERS,
    "decision.replay": OUTLET_READERS,
    # Core banking takes an order on a permit; one officer asks for a reversal, another approves it.
    "permit.read": OUTLET_READERS | {Role.INTEGRATION},
    "permit.redeem": frozenset({Role.INTEGRATION}),
    "permit.keys": frozenset(Role),
    "reversal.request": OFFICERS,
    "reversal.approve": OFFICERS,
    "reversal.review": OVERSIGHT,
    "reversal.list": OUTLET_READERS,
    "reversal.read": OUTLET_READERS,
    "reconciliation.read": OVERSIGHT,
    "rule.list": frozenset(Role),
    "rule.print": frozenset(Role),
    "rule.compare": frozenset(Role),
    "rule.foresee": OVERSIGHT,
    # Two officers stand for a release; nobody does it for them.
    "release.list": OVERSIGHT | {Role.OPERATOR},
    "release.read": OVERSIGHT | {Role.OPERATOR},
    "release.approve": OFFICERS,
    # REC-10, REC-11: the seller makes a recording and seals it; only oversight looks at the evidence.
    "recording.open": frozenset({Role.SELLER}),
    "remote_recording.enable": OFFICERS,
    "remote_recording.read": OUTLET_READERS,
    "recording.list": OUTLET_READERS,
    "recording.read": OUTLET_READERS,
    "recording.declare": frozenset({Role.SELLER}),
    "recording.inspect": frozenset({Role.SELLER}),
    "recording.seal": frozenset({Role.SELLER}),
    "recording.prove": OVERSIGHT,
    "recording.verify": OVERSIGHT,
    "upload.describe": frozenset(Role),
    "upload.create": frozenset({Role.SELLER}),
    "upload.read": frozenset({Role.SELLER}),
    "upload.send": frozenset({Role.SELLER}),
    "export.read": OVERSIGHT,
    # What was sold before the gate: imported by compliance, seen by the outlet, judged by nobody.
    "legacy.import": OFFICERS,
    "legacy.look": OVERSIGHT,
    "legacy.list": OUTLET_READERS,
    "legacy.read": OUTLET_READERS,
    # REC-07, REC-08: compliance holds and disposes, oversight looks; nobody else, and nobody edits.
    "retention.read": OVERSIGHT,
    "retention.unmatched": OVERSIGHT,
    "hold.place": OFFICERS,
    "hold.release": OFFICERS,
    "hold.read": OVERSIGHT,
    "disposal.request": OFFICERS,
    "disposal.read": OVERSIGHT,
    # M022, M063: everybody may ask; what is relaxed, an officer approves.
    "prohibition.check": frozenset(Role) - CUSTOMERS,
    "relaxation.list": frozenset(Role) - CUSTOMERS,
    "relaxation.read": frozenset(Role) - CUSTOMERS,
    "relaxation.approve": OFFICERS,
    "relaxation.revoke": OFFICERS,
    # SAL-02, SAL-04: everybody may report; what becomes of it, and who reported, stays in compliance.
    "incident.report": frozenset(Role),
    "incident.list": OVERSIGHT,
    "incident.read": OVERSIGHT,
    "incident.decide": OFFICERS,
    "incident.unmask": OFFICERS,
}


def allow(principal: Principal, action: str, resource: Resource | None) -> Verdict:
    """The role says what; the outlet says where, and a customer sees what is his own. All else is hidden."""
    roles = principal.roles & ACTIONS[action]
    if not roles:
        return Verdict.FORBIDDEN
    if resource is None:
        return Verdict.ALLOWED
    if roles - CUSTOMERS and (resource.outlet_id is None or principal.sees(resource.outlet_id)):
        return Verdict.ALLOWED
    if roles & CUSTOMERS and resource.owner is not None and resource.owner == principal.subject:
        return Verdict.ALLOWED
    return Verdict.HIDDEN


def is_staff(principal: Principal, action: str) -> bool:
    """Whether the caller may do this by another role than that of a customer."""
    return bool(principal.roles & (ACTIONS[action] - CUSTOMERS))


def outlets_of(principal: Principal) -> frozenset[UUID] | None:
    """The outlets whose objects a list shows to the caller; None: all."""
    if ALL_OUTLETS in principal.outlets:
        return None
    return frozenset(UUID(outlet) for outlet in principal.outlets)


class HeadOfficeMatter(Forbidden):
    """What concerns the whole bank is no outlet's to decide."""

    code = "HEAD_OFFICE_MATTER"
    zh = "面向全行的事项由总行负责;请填写本网点编号,或交总行办理。"
    en = (
        "What the whole bank shows is for head office to decide; name your outlet, or hand it to head office."
    )


def check_head_office(principal: Principal, outlet_id: UUID | None) -> None:
    """Raises :class:`HeadOfficeMatter` for what belongs to no outlet and a caller who is of one."""
    if outlet_id is None and not principal.roles & (PRODUCT_WRITERS | OFFICERS):
        raise HeadOfficeMatter


class HqOnly(Forbidden):
    """AGY-02: agency business is run by head office."""

    code = "HQ_ONLY"
    zh = "合作机构和代销产品的准入由总行统一管理,网点不得办理;请提交总行产品管理部门。"
    en = "Partners and agency products are admitted by head office alone; let its product department do it."


def check_hq_only(principal: Principal) -> None:
    """AGY-02: raises :class:`HqOnly` for whoever is bound to outlets."""
    if ALL_OUTLETS not in principal.outlets:
        raise HqOnly

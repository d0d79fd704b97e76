"""The table of contents of compliance: what it answers, publishes and reacts to, from the lowest layer up."""

from pathlib import Path

from chassis.service import Capability, Service
from compliance.access import allow
from compliance.admissions import api as admissions_api
from compliance.admissions.events import OutletCapabilityGranted
from compliance.applications import api as applications_api
from compliance.applications.events import ApplicationDecided
from compliance.benchmarks import api as benchmarks_api
from compliance.campaigns import api as campaigns_api
from compliance.cases import api as cases_api
from compliance.cases.events import CaseAbandoned
from compliance.cases.expiry import expiry
from compliance.circumstances import api as circumstances_api
from compliance.conduct import api as conduct_api
from compliance.conduct import cli as conduct_cli
from compliance.conduct import prohibition_api, screening
from compliance.conduct import reactions as conduct_reactions
from compliance.conduct.events import AlertCleared, AlertRaised
from compliance.consents import api as consents_api
from compliance.customers import api as customers_api
from compliance.customers import measures as customers_measures
from compliance.customers import reactions as customers_reactions
from compliance.data_incidents import api as data_incidents_api
from compliance.data_incidents.commands import watch
from compliance.data_requests import api as data_requests_api
from compliance.database import mapper
from compliance.devices import api as devices_api
from compliance.devices.patrol import patrol as devices_patrol
from compliance.enquiries import api as enquiries_api
from compliance.entitlements import api as entitlements_api
from compliance.fees import api as fees_api
from compliance.fees.events import ServiceRendered
from compliance.innovations import api as innovations_api
from compliance.legacy_sales import api as legacy_sales_api
from compliance.legacy_sales import cli as legacy_sales_cli
from compliance.mandates import api as mandates_api
from compliance.materials import api as materials_api
from compliance.materials import benchmark_api
from compliance.materials.events import MaterialReleased, MaterialWithdrawn
from compliance.offers import api as offers_api
from compliance.orders.reactions import orders
from compliance.outlets import reactions as outlets_reactions
from compliance.parties import api as parties_api
from compliance.partners import api as partners_api
from compliance.partners.events import PartnerAdmitted, PartnerChanged, PartnerExited, PartnerReviewed
from compliance.permits import api as permits_api
from compliance.permits import cli as permits_cli
from compliance.permits.events import PermitIssued, PermitRevoked, PermitUsed
from compliance.permits.signing import load_permit_keys
from compliance.personal_data import api as personal_data_api
from compliance.personal_data import cli as personal_data_cli
from compliance.personal_data.sealing import load_keyring
from compliance.plans import api as plans_api
from compliance.plans.events import PlanDebitAllowed, PlanEnded, PlanRenewed, PlanSetUp, PlanSuspended
from compliance.privacy import api as privacy_api
from compliance.products import admission_api, import_api, script_api, window_api
from compliance.products import api as products_api
from compliance.products.events import (
    ProductApproved,
    ProductChanged,
    ProductExamined,
    ProductListed,
    ProductRejected,
    ProductRiskChanged,
    ProductScripted,
    ProductWindowSet,
    ProductWithdrawn,
)
from compliance.profiles import api as profiles_api
from compliance.profiles import cli as profiles_cli
from compliance.profiles.commands import removal
from compliance.proposals import api as proposals_api
from compliance.reconciliation import api as reconciliation_api
from compliance.reconciliation import cli as reconciliation_cli
from compliance.reconciliation import measures as reconciliation_measures
from compliance.reconciliation.commands import reconciling
from compliance.reconciliation.events import DayReconciled
from compliance.recordings import abandoned, patrol, sweeping, upload_api
from compliance.recordings import api as recordings_api
from compliance.recordings import cli as recordings_cli
from compliance.recordings import measures as recordings_measures
from compliance.recordings.events import RecordingSealed
from compliance.relaxations import api as relaxations_api
from compliance.remote_recordings import api as remote_recordings_api
from compliance.retention import api as retention_api
from compliance.retention import cli as retention_cli
from compliance.retention import measures as retention_measures
from compliance.retention import reactions as retention_reactions
from compliance.retention.disposals import completion
from compliance.retention.events import (
    DisposalAuthorised,
    DisposalRefused,
    DisposalWithdrawn,
    HoldPlaced,
    HoldReleased,
    RecordingDisposed,
    ReportTaken,
    RetentionDated,
)
from compliance.reversals import api as reversals_api
from compliance.reversals.events import SaleReversed
from compliance.risk_notices import api as risk_notices_api
from compliance.risk_notices import commands as risk_notices_commands
from compliance.risk_notices import measures as risk_notices_measures
from compliance.risk_notices.events import RiskNoticeOverdue
from compliance.rules import api as rules_api
from compliance.rules import cli as rules_cli
from compliance.rules import measures as rules_measures
from compliance.rules import release_api
from compliance.safeguards import api as safeguards_api
from compliance.sales import api as sales_api
from compliance.sales import cli as sales_cli
from compliance.sales import decision_api, export_api, replay_cli, transaction_api
from compliance.sales import patrol as sales_patrol
from compliance.sales.events import SaleLogged, SaleRefused, TransactionLogged
from compliance.sales.gate import load_rules
from compliance.scopes import api as scopes_api
from compliance.sellers import api as sellers_api
from compliance.sellers import reactions as sellers_reactions
from compliance.settings import ComplianceSettings
from compliance.staff_lists import api as staff_lists_api
from compliance.suitability import api as suitability_api
from compliance.tariff import api as tariff_api
from compliance.tariff import notice_api, public_api
from compliance.tariff.events import PriceAnnounced, ServiceIntroduced, WaiverGranted
from compliance.zones import api as zones_api

service = Service(
    name="compliance",
    title="Compliance",
    description="The rules that a product sale must satisfy before it is logged, and its evidence.",
    metadata=mapper.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=allow,
    settings=ComplianceSettings,
    prepare=(load_rules, load_keyring, load_permit_keys),
    capabilities=(
        # Ground: periods, evidence, rules as pure functions; no routes.
        Capability(name="periods"),
        Capability(name="evidence"),
        Capability(name="rulebook"),
        Capability(name="reviews"),
        # Registers of what a sale rests on; each has its head rows (G1).
        Capability(name="outlets", subscriptions=(outlets_reactions.subscription,)),
        Capability(
            name="sellers",
            routers=(sellers_api.router, sellers_api.register_router),
            subscriptions=(sellers_reactions.subscription,),
        ),
        Capability(
            name="partners",
            routers=(partners_api.router, partners_api.public_router),
            facts=(PartnerAdmitted, PartnerChanged, PartnerReviewed, PartnerExited),
        ),
        Capability(
            name="risk_notices",
            routers=(risk_notices_api.router,),
            facts=(RiskNoticeOverdue,),
            jobs=(risk_notices_commands.overdue,),
            measures=risk_notices_measures.MEASURES,
        ),
        Capability(
            name="products",
            routers=(
                products_api.router,
                products_api.public_router,
                admission_api.router,
                import_api.router,
                script_api.router,
                window_api.router,
            ),
            facts=(
                ProductListed,
                ProductChanged,
                ProductRiskChanged,
                ProductWithdrawn,
                ProductExamined,
                ProductApproved,
                ProductRejected,
                ProductScripted,
                ProductWindowSet,
            ),
        ),
        Capability(name="enquiries", routers=(enquiries_api.public_router, enquiries_api.router)),
        # What is said about products in public; each is approved by another person first.
        Capability(
            name="benchmarks",
            routers=(benchmarks_api.router, benchmarks_api.product_router, benchmarks_api.public_router),
        ),
        Capability(name="campaigns", routers=(campaigns_api.router,)),
        Capability(
            name="materials",
            routers=(materials_api.router, benchmark_api.router),
            facts=(MaterialReleased, MaterialWithdrawn),
        ),
        Capability(
            name="tariff",
            routers=(
                tariff_api.router,
                notice_api.router,
                notice_api.publication_router,
                public_api.router,
                public_api.contact_router,
            ),
            facts=(ServiceIntroduced, PriceAnnounced, WaiverGranted),
        ),
        Capability(name="offers", routers=(offers_api.router,)),
        Capability(name="innovations", routers=(innovations_api.router,)),
        Capability(name="scopes", routers=(scopes_api.router, scopes_api.current_router)),
        Capability(name="zones", routers=(zones_api.router,)),
        Capability(
            name="devices",
            routers=(devices_api.zone_router, devices_api.router, devices_api.unrecorded_router),
            jobs=(devices_patrol,),
        ),
        Capability(name="staff_lists", routers=(staff_lists_api.router, staff_lists_api.public_router)),
        Capability(
            name="customers",
            routers=(customers_api.router,),
            subscriptions=(customers_reactions.checks,),
            measures=customers_measures.MEASURES,
        ),
        Capability(name="proposals", routers=(proposals_api.customer_router, proposals_api.router)),
        # What a service costs a customer, told and confirmed before it is rendered.
        Capability(name="fees", routers=(fees_api.router, fees_api.record_router), facts=(ServiceRendered,)),
        Capability(
            name="personal_data",
            routers=(personal_data_api.router, personal_data_api.use_router),
            commands=personal_data_cli.app,
        ),
        Capability(
            name="privacy",
            routers=(
                privacy_api.notice_router,
                privacy_api.assessment_router,
                privacy_api.customer_router,
                privacy_api.consent_router,
                privacy_api.check_router,
            ),
        ),
        Capability(
            name="profiles", routers=(profiles_api.router,), jobs=(removal,), commands=profiles_cli.app
        ),
        Capability(name="data_incidents", routers=(data_incidents_api.router,), jobs=(watch,)),
        Capability(
            name="applications",
            routers=(applications_api.form_router, applications_api.public_router, applications_api.router),
            facts=(ApplicationDecided,),
        ),
        # What a customer is shown of a product, kept when his case opens and whenever he is recorded.
        Capability(name="presentations"),
        Capability(name="remote_recordings", routers=(remote_recordings_api.router,)),
        # What is meant to be sold, to whom, the consent to record it, and what protects the customer.
        Capability(name="cases", routers=(cases_api.router,), facts=(CaseAbandoned,), jobs=(expiry,)),
        Capability(name="circumstances", routers=(circumstances_api.router,)),
        Capability(name="mandates", routers=(mandates_api.router, mandates_api.customer_router)),
        Capability(name="consents", routers=(consents_api.router, consents_api.case_router)),
        Capability(
            name="suitability",
            routers=(
                suitability_api.case_router,
                suitability_api.opinion_router,
                suitability_api.disclosure_router,
            ),
        ),
        Capability(name="safeguards", routers=(safeguards_api.router,)),
        Capability(name="parties", routers=(parties_api.router,)),
        Capability(name="entitlements", routers=(entitlements_api.router,)),
        # Evidence of the sale and how long it is kept.
        Capability(
            name="recordings",
            routers=(recordings_api.router, upload_api.router),
            facts=(RecordingSealed,),
            jobs=(sweeping.sweep, patrol.verify, abandoned.sealing),
            commands=recordings_cli.app,
            measures=recordings_measures.MEASURES,
        ),
        # What was sold before the gate, as an old system tells it; kept by the same clocks.
        Capability(name="legacy_records"),
        Capability(
            name="retention",
            routers=(
                retention_api.router,
                retention_api.hold_router,
                retention_api.disposal_router,
                retention_api.unmatched_router,
            ),
            facts=(
                HoldPlaced,
                HoldReleased,
                RetentionDated,
                ReportTaken,
                DisposalAuthorised,
                DisposalWithdrawn,
                RecordingDisposed,
                DisposalRefused,
            ),
            subscriptions=(retention_reactions.contracts, retention_reactions.complaints),
            jobs=(completion,),
            commands=retention_cli.app,
            measures=retention_measures.MEASURES,
        ),
        # What a customer may ask for, within what the law keeps of his sales.
        Capability(
            name="data_requests", routers=(data_requests_api.router, data_requests_api.customer_router)
        ),
        Capability(name="admissions", routers=(admissions_api.router,), facts=(OutletCapabilityGranted,)),
        # What core banking asks for before an order, and what it reports about it.
        Capability(name="orders", subscriptions=(orders,)),
        Capability(
            name="permits",
            routers=(permits_api.router, permits_api.sale_router, permits_api.public_router),
            facts=(PermitIssued, PermitUsed, PermitRevoked),
            commands=permits_cli.app,
        ),
        # The gate: what all of the above says, in one decision.
        Capability(
            name="sales",
            routers=(
                sales_api.gate_router,
                sales_api.router,
                sales_api.attempt_router,
                transaction_api.case_router,
                transaction_api.router,
                decision_api.router,
                decision_api.rule_router,
                export_api.router,
            ),
            facts=(SaleLogged, SaleRefused, TransactionLogged),
            jobs=(sales_patrol.watch,),
            commands=sales_cli.app,
        ),
        Capability(
            name="legacy_sales",
            routers=(legacy_sales_api.batch_router, legacy_sales_api.router),
            commands=legacy_sales_cli.app,
        ),
        Capability(
            name="plans",
            routers=(plans_api.router,),
            facts=(PlanSetUp, PlanDebitAllowed, PlanSuspended, PlanRenewed, PlanEnded),
        ),
        Capability(
            name="reversals",
            routers=(reversals_api.sale_router, reversals_api.request_router, reversals_api.router),
            facts=(SaleReversed,),
        ),
        Capability(
            name="reconciliation",
            routers=(reconciliation_api.router, reconciliation_api.difference_router),
            facts=(DayReconciled,),
            jobs=(reconciling,),
            commands=reconciliation_cli.app,
            measures=reconciliation_measures.MEASURES,
        ),
        # What staff did: incidents, and the alerts that the gate obeys.
        Capability(
            name="conduct",
            routers=(conduct_api.router, prohibition_api.router),
            facts=(AlertRaised, AlertCleared),
            subscriptions=(conduct_reactions.observations,),
            jobs=(screening.screen,),
            commands=conduct_cli.app,
        ),
        Capability(name="relaxations", routers=(relaxations_api.router,)),
        Capability(name="decisions", commands=replay_cli.app),
        # The rulebook itself, looked at.
        Capability(
            name="rules",
            routers=(rules_api.router, release_api.router),
            commands=rules_cli.app,
            measures=rules_measures.MEASURES,
        ),
    ),
)

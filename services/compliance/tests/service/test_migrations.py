"""The migrations make exactly the tables that the code declares, with the grants of D1."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from chassis.migrate import CHASSIS_GRANTS, sync_url
from chassis.testing import ServiceKit

APPEND_ONLY_TABLES = (
    "application_checks",
    "application_choices",
    "application_endings",
    "application_forms",
    "application_steps",
    "assessments",
    "capability_checks",
    "case_accounts",
    "case_assistance",
    "case_parties",
    "consent_withdrawals",
    "consents",
    "customer_guardians",
    "data_answers",
    "data_incident_flags",
    "data_incident_steps",
    "data_requests",
    "decisions",
    "disposal_attempts",
    "disposal_certificates",
    "disposal_endings",
    "fee_confirmations",
    "fee_notices",
    "fee_prices",
    "fee_product_links",
    "fee_publicity",
    "fee_waivers",
    "hold_releases",
    "holds",
    "joint_holders",
    "joint_terms",
    "material_releases",
    "partner_reviews",
    "partner_steps",
    "product_admission_steps",
    "impact_assessments",
    "imported_sales",
    "inspection_exports",
    "legacy_batches",
    "legacy_gaps",
    "notice_showings",
    "permission_checks",
    "personal_data_accesses",
    "personal_data_grants",
    "privacy_consents",
    "privacy_notice_versions",
    "privacy_withdrawals",
    "profile_endings",
    "product_enquiries",
    "recording_chunks",
    "recording_inspections",
    "recording_seals",
    "recording_segments",
    "refused_attempts",
    "release_approvals",
    "reported_changes",
    "resolutions",
    "retention_dates",
    "retention_reports",
    "retention_sales",
    "review_refusals",
    "rule_releases",
    "sales",
    "service_records",
    "sales_scopes",
    "seller_bad_records",
    "seller_lessons",
    "staff_lists",
    "zone_inspections",
    "zone_orders",
)


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Whether a table belongs to the service: the chassis' own are not in its metadata."""
    return kind != "table" or name is None or not (name in CHASSIS_GRANTS or name.startswith("fact_"))


def test_migrations_make_what_the_code_declares(service_kit: ServiceKit) -> None:
    engine = create_engine(sync_url(service_kit.database.owner_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        assert compare_metadata(context, service_kit.service.metadata) == []
    engine.dispose()


async def test_what_is_evidence_can_only_be_added_to(service_kit: ServiceKit) -> None:
    statement = text("SELECT has_table_privilege(current_user, :name, :right)")
    async with service_kit.session() as session:
        for name in APPEND_ONLY_TABLES:
            for right in ("UPDATE", "DELETE", "TRUNCATE"):
                assert not await session.scalar(statement, {"name": name, "right": right}), (name, right)
            assert await session.scalar(statement, {"name": name, "right": "INSERT"})

"""Which rows that a decision rests on the service's own role may change, tried by plain SQL (D1)."""

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import configure_mappers

from chassis.testing import ServiceKit
from services.compliance.tests.changes import agreed
from services.compliance.tests.racing import facts_of
from services.compliance.tests.selling import make_ready

#: Nothing but what was written once.
NOTHING: tuple[str, ...] = ()
#: Every register that the gate reads, and the columns of it that the service's role may change.
REGISTERS = {
    "cases": ("version", "state", "sale_id", "ended_at", "abandoned_for"),
    "customers": ("version",),
    "assessments": NOTHING,
    "reported_changes": NOTHING,
    "level_confirmations": NOTHING,
    "customer_checks": NOTHING,
    "stated_circumstances": NOTHING,
    "guardian_consents": NOTHING,
    "consents": NOTHING,
    "consent_withdrawals": NOTHING,
    "matching_opinions": NOTHING,
    "risk_disclosures": NOTHING,
    "acknowledgements": NOTHING,
    "safeguards": NOTHING,
    "case_parties": NOTHING,
    "case_accounts": NOTHING,
    "case_assistance": NOTHING,
    "joint_accounts": ("version",),
    "joint_holders": NOTHING,
    "joint_terms": NOTHING,
    "sellers": (
        *("version", "sequence", "outlet_id", "staff_number", "subject", "employer", "active", "left_at"),
        *("qualifications", "waiting"),
    ),
    "seller_lessons": NOTHING,
    "seller_bad_records": NOTHING,
    "entitlements": NOTHING,
    "seller_alerts": NOTHING,
    "seller_alert_clearances": NOTHING,
    "products": (
        *("version", "name", "issuer", "offering", "term_months", "issuer_risk_level", "bank_risk_level"),
        *("status", "partner_id", "asset_class", "instalment", "payment_years", "benefit_certain"),
    ),
    "product_admission_steps": NOTHING,
    "product_scripts": NOTHING,
    "product_windows": NOTHING,
    "presentations": NOTHING,
    "partners": (
        *("version", "name", "kinds", "licence_number", "authority", "licence_from", "licence_to", "state"),
        *("reviewed_on", "admitted_at"),
    ),
    "fee_services": ("version",),
    "fee_prices": NOTHING,
    "fee_waivers": NOTHING,
    "fee_product_links": NOTHING,
    "fee_quotes": ("version", "state"),
    "fee_confirmations": NOTHING,
    "outlets": ("version", "sequence", "state", "status"),
    "zones": ("version", "state"),
    "zone_inspections": NOTHING,
    "recorders": ("version", "sequence", "retired_by", "retired_at", "retirement_reason"),
    "recorder_runs": ("heard_at", "offset_ms", "heartbeats"),
    "recordings": ("version", "state"),
    "recording_inspections": NOTHING,
    "recording_segments": NOTHING,
    "recording_seals": NOTHING,
    "remote_recordings": (
        *("version", "state", "reviewed_by", "reviewed_at", "review_note", "withdrawn_by", "withdrawn_at"),
    ),
    "sales": NOTHING,
    "sale_reversals": NOTHING,
    # How the recording is kept already, and whether the release is stored: read with the rest.
    "retention_sales": NOTHING,
    "retention_dates": NOTHING,
    "retention_reports": NOTHING,
    "holds": NOTHING,
    "hold_releases": NOTHING,
    "disposal_certificates": NOTHING,
    "disposal_endings": NOTHING,
    "imported_sales": NOTHING,
    "rule_releases": NOTHING,
}
#: The plumbing of S1: how far staffing was heard, which the relay of facts keeps up to date.
PLUMBING = {"register_heartbeat", "consumer_position", "parked"}

COLUMNS = text("""
SELECT attname FROM pg_attribute
WHERE attrelid = CAST(:name AS regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
""")
NAMES = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)(?![\w(])")


async def test_every_register_that_the_gate_reads_is_in_the_table(kit: ServiceKit) -> None:
    configure_mappers()
    agency = await make_ready(kit, origin="AGENCY", issuer_risk_level=2)
    charged = await agreed(kit)
    with kit.asked() as asked:
        await facts_of(agency)
        await facts_of(charged)
    found = {name for one in asked for name in NAMES.findall(one.statement)}
    assert found - PLUMBING == REGISTERS.keys()


@pytest.mark.parametrize("name", REGISTERS)
async def test_the_services_role_changes_what_the_table_says_and_deletes_nothing(
    kit: ServiceKit, name: str
) -> None:
    async with kit.session() as session:
        columns = list(await session.scalars(COLUMNS, {"name": name}))
    assert {*REGISTERS[name]} <= {*columns}
    changed = []
    for column in columns:
        refused = None
        async with kit.sessions() as session:
            try:
                await session.execute(text(f"UPDATE {name} SET {column} = {column}"))
            except ProgrammingError as error:
                refused = error
        if refused is None:
            changed.append(column)
        else:
            assert "permission denied" in str(refused)
    assert changed == [column for column in columns if column in REGISTERS[name]]
    for statement in (
        f"DELETE FROM {name}",
        f"TRUNCATE {name} CASCADE",
        f"DROP TABLE {name}",
        f"ALTER TABLE {name} DISABLE TRIGGER ALL",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            async with kit.session() as session:
                await session.execute(text(statement))

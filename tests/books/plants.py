"""Imbalances to plant into the played day: for each check, what it alone must find.

A plant changes one side. Where one flaw is visible from several sides, those that see it are named.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from deploy.books.checks.reconciliation import COMPLETED as COMPLETED_DAY
from tests.books import branch, following, gate, ordering, selling
from tests.books.day import at, text
from tests.books.flaws import (
    CALLED,
    CANCELLED,
    COMPLETED,
    ISSUED,
    OPENED,
    TICKETS,
    Plant,
    alter,
    alter_act,
    both_plants,
    change,
    disposed_early,
    disposed_under_hold,
    double,
    exchange,
    failed,
    file_altered,
    file_gone,
    forged_sale,
    forged_seal,
    forget_act,
    forgotten,
    move,
    promised_less,
    redecided,
    remove,
    resigned,
    retold,
    second_offer,
    stranger_called,
    stray,
    stray_file,
    swap,
    uncited_rule,
    unseen_rule,
    unsend,
)

#: check → flaws that it finds, alone.
ALONE: dict[str, list[Plant]] = {
    "tickets.tickets_as_told": [change("ticketing", "tickets", service_code="gold")],
    "tickets.one_hand_at_a_time": [exchange(COMPLETED, 0, CALLED, 2)],
    "tickets.calls_at_open_counters": [stranger_called],
    "ledger.acknowledged_tickets_exist": [alter_act("issue", queue_id="queue-2")],
    "ledger.acknowledged_steps_stand": [
        alter_act("call", counter_id="counter-2"),
        lambda day: day.act("cancel", ticket_id="ticket-4", outlet_id=branch.OUTLET),
    ],
    "ledger.tickets_are_explained": [forget_act("issue")],
    "ledger.final_states_are_explained": [forget_act("complete"), forget_act("day_close")],
    "ledger.acknowledged_rows_exist": [
        lambda day: day.act("case_open", case_id="case-9"),
        lambda day: day.act("revoke", qualification_id=branch.LICENCE),
    ],
    "ledger.rows_are_explained": [forget_act("grant"), double("compliance", "customers", id="customer-9")],
    "ledger.evaluations_as_seen": [
        lambda day: day.acted("evaluation")["request"].update(score=1),
        forget_act("evaluation"),
    ],
    "ledger.complaints_as_seen": [alter_act("complaint_open", reference="TS-2026-0001-000002")],
    "facts.archive_is_on_topics": [
        unsend(following.GRADED),
        lambda day: day.told(ISSUED)["data"].update(occurred_at="2026-11-02T01:10:01Z"),
    ],
    "facts.topics_are_archived": [stray(ISSUED, type="ticketing.ticket.praised.v1")],
    "facts.one_key_one_partition": [move(ISSUED, -1)],
    "facts.versions_in_order": [swap("compliance.recordings.v1", branch.RECORDING, 0, 1)],
    "facts.archive_order_follows_versions": [exchange(ISSUED, 2, CANCELLED, 0)],
    "facts.last_fact_is_the_row": [change("ticketing", "tickets", version=9)],
    "facts.outbox_is_empty": [lambda day: day.outbox.update(staffing=3)],
    "facts.nothing_is_parked": [
        lambda day: day.parked["feedback"].append({"topic": TICKETS, "key": "ticket-1", "reason": "poison"})
    ],
    "effects.inbox_is_what_was_told": [
        lambda day: day.inbox["staffing"].pop(),
        lambda day: day.inbox["compliance"].add(("/staffing", "nobody told this")),
    ],
    "effects.completed_tickets_are_offered": [remove("feedback", "evaluations", 1), second_offer],
    "effects.workload_is_what_was_served": [
        remove("staffing", "served_tickets"),
        change("staffing", "served_tickets", service_seconds=31),
        double("staffing", "served_tickets"),
    ],
    "registers.ticketing_knows_the_outlets": [change("ticketing", "outlets", cutover_hour=3)],
    "registers.feedback_knows_the_outlets": [change("feedback", "outlets", closed=True)],
    "registers.compliance_knows_the_outlets": [change("compliance", "outlets", sequence=0)],
    "registers.sellers_are_the_employees": [
        change("compliance", "sellers", outlet_id="outlet-2"),
        change("compliance", "sellers", waiting=[{"sequence": 4}]),
    ],
    "registers.sellers_hold_the_qualifications": [change("compliance", "sellers", qualifications=[])],
    "registers.sellers_have_learnt_what_was_recorded": [
        change("staffing", "trainings", minutes=1201),
        change("staffing", "selling_experiences", selling_since=date(2025, 11, 2)),
        remove("staffing", "training_annulments"),
        remove("compliance", "seller_lessons", 1),
    ],
    "feedback.one_answer_an_offer": [change("feedback", "evaluations", 1, status="submitted")],
    "feedback.references_without_gap": [change("feedback", "complaint_series", last_number=2)],
    "feedback.deadlines_are_lawful": [
        both_plants(
            change("feedback", "complaints", due_on=date(2026, 11, 16)),
            alter(OPENED, due_on="2026-11-16"),
        )
    ],
    "feedback.complaints_as_told": [remove("feedback", "complaint_steps", 0)],
    "effects.logged_sales_are_known_to_feedback": [
        remove("feedback", "sales"),
        change("feedback", "sales", seller_id="employee-2"),
    ],
    "sales.sales_passed": [redecided(0, amount_minor=2_000_000)],
    "decisions.decisions_are_whole": [
        redecided(0, staffing_fresh=False),
        redecided(1, consent=None),
        forgotten(0, "alerts"),
        forgotten(0, "hands"),
        forgotten(0, "footage"),
    ],
    "decisions.decisions_know_the_hours": [
        redecided(0, outlet=selling.clock(31)),
        redecided(0, outlet=selling.clock(30) | {"sequence": 2}),
        redecided(0, outlet=selling.clock(30) | {"day": {"opens": 480, "closes": 1020}}),
    ],
    "decisions.releases_are_whole": [
        lambda day: day.row("compliance", "rule_releases")["content"]["terms"].update(low="high"),
    ],
    "cases.abandonments_are_told": [
        alter("compliance.case.abandoned.v1", reason="NOT_SUITABLE"),
        change("compliance", "cases", 2, ended_at=at(31)),
        change("compliance", "cases", 2, state="OPEN"),
        change("compliance", "cases", 0, state="ABANDONED", version=3),
    ],
    "cases.cases_end_in_time": [
        # The last instant of the thirtieth day is in time, the next day's first is not.
        change("compliance", "cases", 0, opened_at=datetime(2026, 10, 2, 15, 59, tzinfo=UTC)),
        both_plants(
            change("compliance", "cases", 2, abandoned_for="EXPIRED"),
            alter("compliance.case.abandoned.v1", reason="EXPIRED"),
        ),
    ],
    "sales.sales_are_told": [alter("compliance.sale.logged.v1", amount_minor=1)],
    "sales.sales_are_recorded": [change("compliance", "recording_seals", sealed_at=at(31))],
    "sales.sales_are_kept": [change("compliance", "retention_sales", sold_on=date(2026, 11, 1))],
    "sales.cases_show_their_sales": [change("compliance", "cases", sale_id=None)],
    "decisions.refusals_name_every_rule": [
        alter("compliance.sale.refused.v1", rules=["SUI-03"]),
        alter("compliance.sale.refused.v1", broken=[]),
    ],
    "decisions.refusals_as_seen": [unseen_rule, uncited_rule],
    "sales.sales_as_seen": [
        forget_act("sale"),
        forget_act("sale", 1),
        lambda day: day.act(
            "sale", sale_id="lost", case_id=gate.CASE, recording_id=branch.RECORDING, decision_id="decision-1"
        ),
    ],
    "sales.orders_as_sent": [forget_act("order"), alter_act("order", fact_id="order-9")],
    "transactions.transactions_passed": [
        change("compliance", "cases", 3, amount_minor=1),
        both_plants(
            change("compliance", "transactions", kind="SUCCESSION"),
            alter(following.LOGGED, kind="SUCCESSION"),
        ),
    ],
    "transactions.transactions_are_told": [alter(following.LOGGED, amount_minor=1)],
    "buyers.first_purchases_are_first": [
        redecided(0, customer={**selling.BUYER, "bought_wealth_before": True}),
        redecided(1, customer={**selling.BUYER, "bought_wealth_before": False}),
        # After the sale was taken back.
        redecided(2, customer={**selling.BUYER, "bought_wealth_before": True}),
    ],
    "parties.joint_holders_took_part": [
        change("compliance", "case_parties", identified_at=at(31)),
        change("compliance", "case_accounts", stated_at=at(31)),
        change("compliance", "joint_terms", closed=True),
    ],
    "parties.accounts_as_seen": [
        forget_act("paying_account"),
        alter_act("paying_account", account_id="account-2"),
    ],
    "footage.risks_were_recorded_as_graded": [alter(following.GRADED, occurred_at=text(at(15)))],
    "footage.parts_belong_to_their_recording": [
        change("compliance", "recordings", 1, session_id="visit-2"),
        change("compliance", "recordings", 1, started_at=at(9)),
    ],
    "sales.payouts_as_sent": [forget_act("payout"), alter_act("payout", fact_id="payout-2")],
    "permits.permits_are_of_sales": [
        resigned(amount_minor=1),
        change("compliance", "permits", issued_at=at(29)),
    ],
    "permits.permits_are_told": [
        alter("compliance.permit.issued.v1", key_id="another"),
        alter("compliance.permit.used.v1", order_id="O-9"),
    ],
    "permits.permits_are_signed": [
        retold(ordering.token(ordering.STRANGER)),
        retold(ordering.token()[:-4] + "AAAA"),
    ],
    "permits.permits_as_used": [
        forget_act("permit_redeem"),
        alter_act("permit_redeem", order_id="O-2"),
        lambda day: day.acted("permit_redeem", 1).update(code="PERMIT_REVOKED"),
    ],
    "reconciliation.days_are_reconciled": [
        both_plants(
            remove("compliance", "reconciliation_differences"), alter(COMPLETED_DAY, orders_without_permit=0)
        ),
        change("compliance", "reconciliation_differences", subject_id="report-1"),
    ],
    "reconciliation.days_follow_each_other": [
        alter(COMPLETED_DAY, permits_unused=1),
        double("compliance", "reconciliations", id="reconciliation-2", day=date(2026, 11, 4)),
    ],
    "permits.permits_end_lawfully": [
        change("compliance", "permit_endings", amount_minor=1),
    ],
    "permits.orders_are_what_was_told": [
        remove("compliance", "order_reports"),
    ],
    "permits.reversals_are_lawful": [
        change("compliance", "sale_reversals", approved_by="officer-1"),
        both_plants(
            change("compliance", "sale_reversals", amount_minor=-1),
            alter("compliance.sale.reversed.v1", amount_minor=-1),
        ),
    ],
    "permits.reversals_are_told": [
        alter("compliance.sale.reversed.v1", reason="MISCONDUCT"),
    ],
    "recordings.seals_are_whole": [forged_seal],
    "recordings.evidence_is_on_disk": [file_gone, file_altered],
    "recordings.no_stray_evidence": [stray_file],
    "recordings.disposals_are_lawful": [
        both_plants(gate.disposed, lambda day: day.certificates.clear()),
        both_plants(
            gate.disposed, change("compliance", "disposal_attempts", 1, decision={"result": "passed"})
        ),
        both_plants(gate.disposed, remove("compliance", "disposal_attempts", 1)),
        change("compliance", "recordings", state="DISPOSED"),
    ],
    "recordings.refused_disposals_are_told": [alter("compliance.disposal.refused.v1", rules=["REC-07"])],
    "holds.ended_complaints_let_go": [
        change("compliance", "hold_releases", resolved_on=date(2026, 11, 1)),
    ],
    "holds.holds_are_told": [alter("compliance.recording.hold_placed.v1", matter_id="another")],
    "retention.reports_are_what_was_told": [
        lambda day: day.told("corebanking.contract.paid_out.v1")["data"].update(final=False)
    ],
    "retention.reports_are_told": [alter("compliance.report.taken.v1", claimed_on="2026-11-01")],
    "retention.last_days_are_lawful": [promised_less],
    "retention.last_days_are_told": [alter("compliance.recording.retention_dated.v1", retain_until=None)],
    "retention.nothing_went_early": [disposed_early],
}

#: Flaws that cannot but be seen from several sides: the check that is meant, the plant, all that see it.
TOGETHER: list[tuple[str, Plant, set[str]]] = [
    (
        "tickets.final_states_add_up",
        change("ticketing", "tickets", 3, state="waiting"),
        {"tickets.final_states_add_up", "tickets.final_states_were_told"},
    ),
    (
        "tickets.final_states_were_told",
        change("ticketing", "tickets", 3, state="no_show"),
        {"tickets.final_states_were_told"},
    ),
    (
        "tickets.numbers_without_gap",
        change("ticketing", "number_series", issued=6),
        {"tickets.final_states_add_up", "tickets.numbers_without_gap"},
    ),
    (
        "tickets.numbers_without_gap",
        change("ticketing", "tickets", 4, serial=6, number="A006"),
        {"ledger.acknowledged_tickets_exist", "tickets.numbers_without_gap", "tickets.tickets_as_told"},
    ),
    (
        "ledger.numbers_seen_once",
        alter_act("issue", 1, number="A001"),
        {"ledger.acknowledged_tickets_exist", "ledger.numbers_seen_once"},
    ),
    (
        "ledger.acknowledged_tickets_exist",
        lambda day: day.acts.append(
            {
                **day.acted("issue"),
                "ids": {**day.acted("issue")["ids"], "ticket_id": "lost", "number": "A006"},
            }
        ),
        {"ledger.acknowledged_tickets_exist"},
    ),
    (
        "recordings.evidence_is_on_disk",
        lambda day: setattr(day, "has_evidence", False),
        {"recordings.evidence_is_on_disk", "recordings.no_stray_evidence", "recordings.disposals_are_lawful"},
    ),
    (
        "recordings.disposals_are_lawful",
        disposed_under_hold,
        {
            "recordings.disposals_are_lawful",
            "holds.holds_are_told",
            "retention.nothing_went_early",
        },
    ),
    (
        "holds.complaints_hold_recordings",
        remove("compliance", "holds"),
        {"holds.complaints_hold_recordings", "holds.holds_are_told"},
    ),
    (
        "sales.sales_are_told",
        forged_sale,
        {
            "sales.sales_are_told",
            "sales.sales_as_seen",
            "retention.last_days_are_lawful",
            "permits.permits_are_of_sales",
            "reconciliation.days_are_reconciled",
            "parties.joint_holders_took_part",
            "buyers.first_purchases_are_first",
        },
    ),
    (
        "parties.joint_holders_took_part",
        failed(0, "INT-JOINT", "HOLDER_MISSING", "few"),
        {"parties.joint_holders_took_part", "decisions.decisions_are_whole"},
    ),
    (
        "transactions.ways_out_stay_open",
        # A redemption was asked whether its zone is ready.
        failed(2, "ZON-03", "ZONE_NOT_READY"),
        {"transactions.ways_out_stay_open", "decisions.decisions_are_whole"},
    ),
    (
        "permits.permits_end_lawfully",
        change("compliance", "permit_endings", ended_at=at(24 * 60 + 30)),
        {"permits.permits_end_lawfully", "reconciliation.days_are_reconciled"},
    ),
    (
        "permits.orders_are_what_was_told",
        change("compliance", "order_reports", 1, amount_minor=1),
        {"permits.orders_are_what_was_told", "reconciliation.days_are_reconciled"},
    ),
    (
        "permits.reversals_are_lawful",
        remove("compliance", "reversal_requests"),
        {"permits.reversals_are_lawful", "ledger.acknowledged_rows_exist"},
    ),
    (
        "decisions.decisions_are_used",
        double("compliance", "decisions", id="decision-9"),
        {"decisions.decisions_are_used"},
    ),
    (
        "decisions.decisions_are_whole",
        change("compliance", "decisions", digest="0" * 64),
        {"decisions.decisions_are_whole", "sales.sales_are_told"},
    ),
    (
        "sales.sales_passed",
        change("compliance", "sales", decision_id="decision-2"),
        {
            "sales.sales_passed",
            "sales.sales_are_told",
            "sales.sales_as_seen",
            "decisions.decisions_are_used",
        },
    ),
    (
        "retention.reports_are_what_was_told",
        remove("compliance", "retention_reports"),
        {
            "retention.reports_are_what_was_told",
            "retention.reports_are_told",
            "retention.last_days_are_lawful",
        },
    ),
]


def plants() -> Iterator[tuple[str, Plant, set[str]]]:
    """Every plant: the check that is meant, the plant, the checks that see it."""
    for check, alone in ALONE.items():
        for plant in alone:
            yield check, plant, {check}
    yield from TOGETHER

"""Every alert fires when it has to and is silent when not, has words in both languages and a runbook."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.devstack import REPOSITORY
from tests.observability.files import ALERTS, FOLDER, PANELS, RULES, metrics, needs_prometheus, page

ALERTS_MAX = 24
REQUESTS = "wangdian_http_request_seconds_count"
BUCKET = "wangdian_http_request_seconds_bucket"

#: By alert: series (a sample a minute) that make it fire, the nearest that do not, the minute of the look.
Series = dict[str, str]
CASES: dict[str, tuple[Series, Series, int]] = {
    "ServiceDown": ({'up{job="wangdian"}': "1 0x5"}, {'up{job="wangdian"}': "1 0 1x5"}, 4),
    "ErrorBudgetBurnsFast": (
        {f'{REQUESTS}{{status="500"}}': "0+2x70", f'{REQUESTS}{{status="200"}}': "0+98x70"},
        {f'{REQUESTS}{{status="500"}}': "0+1x70", f'{REQUESTS}{{status="200"}}': "0+99x70"},
        70,
    ),
    "ErrorBudgetBurnsSlowly": (
        {f'{REQUESTS}{{status="503"}}': "0+8x400", f'{REQUESTS}{{status="200"}}': "0+992x400"},
        {f'{REQUESTS}{{status="503"}}': "0+5x400", f'{REQUESTS}{{status="200"}}': "0+995x400"},
        400,
    ),
    "RequestsSlow": (
        {
            f'{BUCKET}{{le="1"}}': "0+90x20",
            f'{BUCKET}{{le="2.5"}}': "0+100x20",
            f'{BUCKET}{{le="+Inf"}}': "0+100x20",
        },
        {
            f'{BUCKET}{{le="1"}}': "0+100x20",
            f'{BUCKET}{{le="2.5"}}': "0+100x20",
            f'{BUCKET}{{le="+Inf"}}': "0+100x20",
        },
        20,
    ),
    "EventLoopDelayed": (
        {"wangdian_event_loop_delay_seconds": "0.6x10"},
        {"wangdian_event_loop_delay_seconds": "0.5x10"},
        8,
    ),
    "PoolNearlyUsedUp": (
        {"wangdian_db_pool_in_use": "10x10", "wangdian_db_pool_connections": "10x10"},
        {"wangdian_db_pool_in_use": "9x10", "wangdian_db_pool_connections": "10x10"},
        8,
    ),
    "MeasurementStale": (
        {"wangdian_measured_at_seconds": "0x10"},
        {"wangdian_measured_at_seconds": "0+60x10"},
        5,
    ),
    "OutboxOld": ({"wangdian_outbox_oldest_seconds": "31x5"}, {"wangdian_outbox_oldest_seconds": "30x5"}, 3),
    "RelayPaused": ({"wangdian_relay_paused": "1x40"}, {"wangdian_relay_paused": "1x20 0x20"}, 35),
    "RelayFails": (
        {"wangdian_relay_failures_total": "0+6x15"},
        {"wangdian_relay_failures_total": "0+2x15"},
        14,
    ),
    "ConsumerBehind": (
        {'wangdian_consumer_lag_seconds{topic="t"}': "61x10"},
        {'wangdian_consumer_lag_seconds{topic="t"}': "60x10"},
        8,
    ),
    "OffsetsLost": ({"wangdian_consumer_offsets_lost": "1x2"}, {"wangdian_consumer_offsets_lost": "0x2"}, 1),
    "FactsParked": ({"wangdian_parked_facts": "1x2"}, {"wangdian_parked_facts": "0x2"}, 1),
    "RegisterStale": (
        {'wangdian_register_heartbeat_age_seconds{topic="t"}': "16x5"},
        {'wangdian_register_heartbeat_age_seconds{topic="t"}': "15x5"},
        3,
    ),
    "ClockOff": ({"wangdian_clock_offset_seconds": "-3x10"}, {"wangdian_clock_offset_seconds": "2x10"}, 8),
    "PartitionMissing": (
        {"wangdian_facts_outside_months": "1x2"},
        {"wangdian_facts_outside_months": "0x2"},
        1,
    ),
    "JobFails": (
        {'wangdian_job_failures_total{job_name="prune"}': "0+1x20"},
        {'wangdian_job_failures_total{job_name="prune"}': "0x10 1x10"},
        18,
    ),
    "EvidenceDamaged": (
        {'wangdian_recordings_verified_total{result="damaged"}': "0x5 1x5"},
        {'wangdian_recordings_verified_total{result="intact"}': "0x5 9x5"},
        9,
    ),
    "GateForged": (
        {'wangdian_gate_suspicions_total{forgery="sale_without_fact"}': "0x5 1x5"},
        {'wangdian_gate_suspicions_total{forgery="sale_without_fact"}': "0x11"},
        9,
    ),
    "ComplaintOverdue": (
        {'wangdian_complaints_open{deadline="overdue"}': "1x2"},
        {
            'wangdian_complaints_open{deadline="overdue"}': "0x2",
            'wangdian_complaints_open{deadline="soon"}': "4x2",
        },
        1,
    ),
    "WaitTooLong": (
        {"wangdian_tickets_longest_wait_seconds": "2701x10"},
        {"wangdian_tickets_longest_wait_seconds": "2700x10"},
        8,
    ),
}


def promtool(*words: str) -> tuple[int, str]:
    """promtool's exit code, 0 where it has nothing to object to, and what it says."""
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@needs_prometheus
def test_rules_and_configuration_are_ones_that_prometheus_reads() -> None:
    for kind, path in (("rules", RULES), ("config", FOLDER / "prometheus.yml")):
        code, said = promtool("check", kind, str(path))
        assert code == 0, said


def looked_at(alert: str, series: Series, minute: int, *, fires: bool) -> dict[str, Any]:
    """One case of `promtool test rules`: whether the alert is among those that fire."""
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)',
                "eval_time": f"{minute}m",
                "exp_samples": [{"labels": "{}", "value": 1 if fires else 0}],
            }
        ],
    }


@needs_prometheus
@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_it_fires_when_it_has_to_and_only_then(alert: str, tmp_path: Path) -> None:
    bad, good, minute = CASES[alert]
    cases = [looked_at(alert, bad, minute, fires=True), looked_at(alert, good, minute, fires=False)]
    written = tmp_path / "case.yml"
    written.write_text(
        yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": cases}), "utf-8"
    )
    code, said = promtool("test", "rules", str(written))
    assert code == 0, said


def test_there_are_few_alerts_each_with_its_case() -> None:
    assert len(ALERTS) <= ALERTS_MAX
    assert CASES.keys() == ALERTS.keys()


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_it_says_what_to_do_in_both_languages(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"].isascii()
    assert not rule["annotations"]["summary_zh"].isascii()
    runbook = REPOSITORY / rule["annotations"]["runbook"]
    assert f"`{alert}`" in runbook.read_text("utf-8"), f"{runbook.name} does not say that it is for {alert}"


def test_every_metric_that_is_looked_at_is_explained() -> None:
    named = {
        name
        for expression in [*PANELS.values(), *[r["expr"] for r in ALERTS.values()]]
        for name in metrics(expression)
    }
    explained = page().read_text("utf-8")
    ours = {
        name.removesuffix("_bucket").removesuffix("_count") for name in named if name.startswith("wangdian_")
    }
    assert {name for name in ours if f"`{name}`" not in explained} == set()

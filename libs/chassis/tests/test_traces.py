"""Spans: none unless asked for, one tree over request, outbox and reaction, nothing of anybody's in them."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from chassis import traces
from chassis.inbox import Record
from chassis.outbox import causes
from chassis.settings import Settings

CALLERS = f"00-{'a' * 32}-{'b' * 16}-01"
PERSONAL = "王小明 310101199001011234"


@pytest.fixture
def kept() -> Iterator[InMemorySpanExporter]:
    """Where the spans of this test go."""
    exporter = InMemorySpanExporter()
    end = traces.send_to("sample", SimpleSpanProcessor(exporter))
    yield exporter
    end()


def one(exporter: InMemorySpanExporter) -> ReadableSpan:
    (span,) = exporter.get_finished_spans()
    return span


def ids(span: ReadableSpan) -> tuple[int, int]:
    """The ids of its trace and of itself."""
    context = span.get_span_context()
    assert context is not None
    return context.trace_id, context.span_id


def a_record(headers: Mapping[str, str]) -> Record:
    return Record("sample.counters.v1", 3, 7, "key-1", headers, b"{}")


def settings(**further: object) -> Settings:
    named = dict.fromkeys(("database_url", "kafka_bootstrap_servers", "issuer", "jwks_url"), "x")
    return Settings.model_validate(named | further)


@pytest.mark.parametrize("further", [{}, {"traces_url": None}, {"traces_url": ""}])
def test_nothing_is_made_without_a_collector(further: dict[str, object]) -> None:
    end = traces.configure("sample", settings(**further))
    with traces.request(CALLERS) as span:
        assert (span, traces.traceparent(), traces.trace_id(), causes()) == (None, None, None, {})
    with traces.reactions([a_record({traces.CE_TRACEPARENT: CALLERS})]):
        assert causes() == {}
    end()


def test_a_request_goes_on_with_its_callers_trace_and_facts_with_the_requests(
    kept: InMemorySpanExporter,
) -> None:
    with traces.request(CALLERS) as span:
        traces.answered(span, "POST", "/v1/notes/{note_id}", 201, None)
        recorded = causes()["traceparent"]
        assert traces.trace_id() == "a" * 32
    found = one(kept)
    assert (found.name, found.kind) == ("POST /v1/notes/{note_id}", SpanKind.SERVER)
    assert (found.parent.span_id if found.parent else 0) == int("b" * 16, 16)
    assert recorded == f"00-{'a' * 32}-{ids(found)[1]:016x}-01"
    assert found.resource.attributes["service.name"] == "wangdian-sample"


@pytest.mark.parametrize("given", [None, "", "00-zz-zz-01", PERSONAL, f"00-{'0' * 32}-{'b' * 16}-01"])
def test_what_is_no_context_begins_a_trace_of_its_own(kept: InMemorySpanExporter, given: str | None) -> None:
    with traces.request(given):
        assert traces.trace_id() not in (None, "0" * 32)
    assert one(kept).parent is None


@pytest.mark.parametrize(("status", "failed"), [(200, False), (422, False), (503, True), (0, True)])
def test_only_our_own_failures_are_failures(kept: InMemorySpanExporter, status: int, failed: bool) -> None:
    with traces.request(None) as span:
        traces.answered(span, "GET", "/v1/notes", status, "SOME_CODE")
    found = one(kept)
    assert (found.status.status_code is StatusCode.ERROR) == failed
    assert found.attributes == {
        "http.request.method": "GET",
        "http.route": "/v1/notes",
        "http.response.status_code": status,
        "wangdian.code": "SOME_CODE",
        **({"error.type": str(status)} if failed else {}),
    }


def test_a_reaction_belongs_to_the_trace_of_its_fact_and_hides_what_an_error_says(
    kept: InMemorySpanExporter,
) -> None:
    headers = {"ce_id": "fact-1", "ce_type": "sample.counted.v1", traces.CE_TRACEPARENT: CALLERS}
    with pytest.raises(LookupError), traces.reactions([a_record(headers)]):
        raise LookupError(PERSONAL)
    with pytest.raises(LookupError), traces.request(CALLERS):
        raise LookupError(PERSONAL)
    reaction, request = kept.get_finished_spans()
    assert (reaction.name, reaction.kind) == ("process sample.counters.v1", SpanKind.CONSUMER)
    assert ids(reaction)[0] == int("a" * 32, 16)
    assert reaction.status.status_code is StatusCode.ERROR
    assert reaction.attributes is not None
    assert reaction.attributes["error.type"] == "LookupError"
    assert reaction.attributes["messaging.kafka.offset"] == 7
    for span in (reaction, request):
        assert "王" not in str(json.loads(span.to_json()))


def test_what_is_done_about_a_fact_goes_on_in_its_trace_and_facts_taken_together_have_none_in_common(
    kept: InMemorySpanExporter,
) -> None:
    callers = [f"00-{letter * 32}-{'b' * 16}-01" for letter in "ac"]
    records = [a_record({traces.CE_TRACEPARENT: caller}) for caller in callers]
    with traces.reactions(records[:1]):
        assert str(causes()["traceparent"])[3:35] == "a" * 32
    kept.clear()
    with traces.reactions(records):
        assert causes() == {}
    assert [ids(span)[0] for span in kept.get_finished_spans()] == [int(one * 32, 16) for one in "ac"]


def test_what_the_relay_sent_belongs_to_the_trace_of_its_request(kept: InMemorySpanExporter) -> None:
    traced = {"ce_id": "fact-1", "ce_type": "sample.counted.v1", traces.CE_TRACEPARENT: CALLERS}
    recorded = datetime(2026, 3, 2, 1, 0, 0, 500_000, UTC)
    begun, ended = recorded + timedelta(seconds=1.5), recorded + timedelta(seconds=2)
    facts = [("sample.counters.v1", number, headers, recorded) for number, headers in enumerate([traced, {}])]
    traces.sent(begun, ended, facts)
    span = one(kept)
    assert (span.name, span.kind) == ("send sample.counters.v1", SpanKind.PRODUCER)
    assert (ids(span)[0], span.start_time) == (int("a" * 32, 16), 1_772_413_202_000_000_000)
    assert span.end_time == 1_772_413_202_500_000_000
    assert span.attributes is not None
    assert span.attributes["messaging.destination.partition.id"] == "0"
    assert span.attributes["wangdian.outbox.seconds"] == 1.5


def test_the_share_is_decided_by_the_trace_and_not_by_its_caller() -> None:
    exporter = InMemorySpanExporter()
    end = traces.send_to("sample", SimpleSpanProcessor(exporter), 0.0)
    with traces.request(CALLERS):
        assert str(traces.traceparent()).endswith("-00")
    end()
    assert exporter.get_finished_spans() == ()


def test_a_collector_without_the_extra_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(traces.TracesMissing, match=r"requirements/traces\.txt"):
        traces.configure("sample", settings(traces_url="http://127.0.0.1:4318/v1/traces"))

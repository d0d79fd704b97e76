"""Traces across request, outbox, broker and reaction: OpenTelemetry, where the settings name a collector.

The context travels as W3C ``traceparent``: in with the request, kept with every fact that is recorded, out as
``ce_traceparent``, in again with the reaction. Spans hold routes, topics, codes and ids, never what a request
or a fact says, and no text of an error. Without ``traces_url`` nothing is made or asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

TRACEPARENT = "traceparent"
#: In a fact's Kafka headers.
CE_TRACEPARENT = f"ce_{TRACEPARENT}"
#: Statuses from here on are failures of ours; what is refused below is what the caller asked for.
FAILED_FROM = 500

_propagator = TraceContextTextMapPropagator()


@dataclass
class Making:
    """What makes spans in this process; None where none are made."""

    tracer: Tracer | None = None


_making = Making()


class TracesMissing(RuntimeError):
    """Settings ask for traces, and what makes them is not installed."""


def configure(service: str, settings: Settings) -> Callable[[], None]:
    """Sends spans to ``settings.traces_url`` from now on; what is returned sends the last ones and ends it.

    Raises :class:`TracesMissing` where the extra ``traces`` is not installed.
    """
    if settings.traces_url is None:
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise TracesMissing(
            "WANGDIAN_TRACES_URL is set, but OpenTelemetry's SDK is not installed:"
            " add requirements/traces.txt, or build the image with --build-arg EXTRA=traces"
        ) from error
    exporter = OTLPSpanExporter(endpoint=settings.traces_url, timeout=settings.traces_seconds_max)
    return send_to(service, BatchSpanProcessor(exporter), settings.traces_percent / 100)


def send_to(service: str, processor: "SpanProcessor", share: float = 1.0) -> Callable[[], None]:
    """Hands the spans of a share of all traces to ``processor``; what is returned ends it.

    Which traces is decided by their id alone, so that every service keeps the same ones and no caller
    can have all of theirs kept.
    """
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

    provider = TracerProvider(
        sampler=TraceIdRatioBased(share),
        resource=Resource({SERVICE_NAME: f"wangdian-{service}"}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(processor)
    _making.tracer = provider.get_tracer("wangdian")

    def end() -> None:
        _making.tracer = None
        provider.shutdown()

    return end


def context_of(traceparent: str | None) -> Context:
    """The context that a ``traceparent`` names; an empty one where there is none, or it cannot be read."""
    return _propagator.extract({TRACEPARENT: traceparent} if traceparent else {}, context=Context())


def traceparent() -> str | None:
    """The ``traceparent`` of what is being done now; None outside of a trace."""
    if _making.tracer is None:
        return None
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(TRACEPARENT)


def trace_id() -> str | None:
    """The id of the trace of what is being done now, 32 hexadecimal digits; None outside of one."""
    if _making.tracer is None:
        return None
    found = trace.get_current_span().get_span_context()
    return f"{found.trace_id:032x}" if found.is_valid else None


@contextmanager
def request(traceparent: str | None) -> Iterator[Span | None]:
    """The span of one request; to be named by :func:`answered` when its route is known."""
    if _making.tracer is None:
        yield None
        return
    with _making.tracer.start_as_current_span(
        "request", context=context_of(traceparent), kind=SpanKind.SERVER, record_exception=False,
        set_status_on_exception=False,
    ) as span:  # fmt: skip
        yield span


def answered(span: Span | None, method: str, route: str, status: int, code: str | None) -> None:
    """Names the span of a request after its route, and says how it was answered."""
    if span is None:
        return
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.request.method": method, "http.route": route})
    span.set_attribute("http.response.status_code", status)
    if code is not None:
        span.set_attribute("wangdian.code", code)
    if status >= FAILED_FROM or status == 0:
        span.set_attribute("error.type", str(status))
        span.set_status(Status(StatusCode.ERROR))


class Taken(Protocol):
    """A record that is taken: where it stands, and its headers."""

    @property
    def topic(self) -> str:
        """The topic."""
        ...

    @property
    def partition(self) -> int:
        """The partition."""
        ...

    @property
    def offset(self) -> int:
        """The place in the partition."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The CloudEvents attributes, each as ``ce_…``."""
        ...


@contextmanager
def reactions(records: Sequence[Taken]) -> Iterator[None]:
    """The spans of what is done about facts, each in the trace that its fact came from.

    Of one fact, the span is that of whatever is done meanwhile; facts that are taken together have none in
    common.
    """
    tracer = _making.tracer
    if tracer is None:
        yield
        return
    spans = [
        tracer.start_span(
            f"process {record.topic}",
            context=context_of(record.headers.get(CE_TRACEPARENT)),
            kind=SpanKind.CONSUMER,
            attributes=messaging(record.topic, record.partition, record.headers)
            | {"messaging.operation.type": "process", "messaging.kafka.offset": record.offset},
        )
        for record in records
    ]
    try:
        with (
            trace.use_span(spans[0], record_exception=False, set_status_on_exception=False)
            if len(spans) == 1
            else nullcontext()
        ):
            yield
    except Exception as error:
        for span in spans:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
        raise
    finally:
        for span in spans:
            span.end()


def sent(
    begun: datetime, ended: datetime, facts: Iterable[tuple[str, int, Mapping[str, str], datetime]]
) -> None:
    """One span for each fact that was sent and acknowledged: (topic, partition, headers, recorded at)."""
    if _making.tracer is None:
        return
    for topic, partition, headers, recorded_at in facts:
        if CE_TRACEPARENT not in headers:
            continue
        attributes = messaging(topic, partition, headers) | {
            "messaging.operation.type": "send",
            "wangdian.outbox.seconds": max(0.0, (begun - recorded_at).total_seconds()),
        }
        span = _making.tracer.start_span(
            f"send {topic}",
            context=context_of(headers[CE_TRACEPARENT]),
            kind=SpanKind.PRODUCER,
            attributes=attributes,
            start_time=nanoseconds(begun),
        )
        span.end(nanoseconds(ended))


def nanoseconds(moment: datetime) -> int:
    """Nanoseconds since 1970."""
    return round(moment.timestamp() * 1_000_000) * 1_000


def messaging(topic: str, partition: int, headers: Mapping[str, str]) -> dict[str, Any]:
    """What is said of a fact in a span: where it stands, its type and its id."""
    return {
        "messaging.system": "kafka",
        "messaging.destination.name": topic,
        "messaging.destination.partition.id": str(partition),
        "messaging.message.id": headers.get("ce_id", ""),
        "cloudevents.event_type": headers.get("ce_type", ""),
    }

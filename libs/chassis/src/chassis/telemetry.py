"""Logs as JSON lines on standard output, and the metrics of the plumbing."""

import logging
import sys

import structlog
from prometheus_client import Counter, Gauge, Histogram
from structlog.typing import EventDict, Processor, WrappedLogger

from chassis import traces
from chassis.outbox import correlation_id

RELAYED = Counter("wangdian_relay_facts_total", "Facts acknowledged by the broker, per type.", ["type"])
RELAY_FAILURES = Counter("wangdian_relay_failures_total", "Relay passes that failed and are repeated.")
RELAY_AGE = Histogram(
    "wangdian_relay_age_seconds",
    "Age of the oldest fact of a pass when it was acknowledged.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300),
)
CONSUMED = Counter("wangdian_inbox_facts_total", "Facts taken, per topic.", ["topic"])
DUPLICATES = Counter(
    "wangdian_inbox_passed_over_total", "Records passed over: repeated or of no interest.", ["topic"]
)
PARKED = Counter("wangdian_inbox_parked_total", "Facts parked, per topic.", ["topic"])
CONSUMER_RETRIES = Counter("wangdian_consumer_retries_total", "Transient failures of a partition.", ["topic"])
OFFSETS_LOST = Gauge(
    "wangdian_consumer_offsets_lost", "Partitions stopped because their offset no longer exists."
)
JOB_FAILURES = Counter("wangdian_job_failures_total", "Runs of periodic work that failed.", ["job_name"])


def correlated(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Adds ``correlation_id``, the request or the first fact that what is logged goes back to, and
    ``trace_id`` where traces are made.
    """
    for name, value in (("correlation_id", correlation_id.get()), ("trace_id", traces.trace_id())):
        if value is not None:
            event[name] = value
    return event


def configure_logging(service: str, level: int = logging.INFO) -> None:
    """JSON lines: time, level, service, message, and what the caller bound; libraries from WARNING up, with
    the ``logger`` that speaks.
    """

    def of_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        # Threads and tasks with a context of their own speak for the service as well.
        event["service"] = service
        return event

    told: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        of_service,
        correlated,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without locals: they hold customers' values.
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
    ]
    line = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*told, line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    of_libraries = logging.StreamHandler(sys.stdout)
    of_libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *told],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, line],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[of_libraries])

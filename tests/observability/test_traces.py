"""One trace from a request to what another service did about it, received by a collector over OTLP."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from chassis.ids import new_id
from deploy.devstack.stack import Stack
from services.staffing.tests.branch import outlet_body
from tests.e2e.conftest import token_of

pytestmark = pytest.mark.e2e

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
TOPIC = "staffing.outlets.v1"
PATIENCE_SECONDS = 60.0


class Collector:
    """Takes spans as a collector does; ``spans`` are (service, span), ``arrived`` tells of each."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Span]] = []
        self.bodies: list[bytes] = []
        self.arrived = threading.Condition()

    def take(self, body: bytes) -> None:
        """Keeps the spans of one export."""
        with self.arrived:
            self.bodies.append(body)
            for one in ExportTraceServiceRequest.FromString(body).resource_spans:
                names = {item.key: item.value.string_value for item in one.resource.attributes}
                self.spans += [
                    (names["service.name"], span) for scope in one.scope_spans for span in scope.spans
                ]
            self.arrived.notify_all()

    def of(self, trace: str) -> dict[tuple[str, str], Span]:
        """The spans of one trace by service and name."""
        found = [(service, span) for service, span in self.spans if span.trace_id.hex() == trace]
        return {(service, span.name): span for service, span in found}

    def until(self, trace: str, *wanted: tuple[str, str]) -> dict[tuple[str, str], Span]:
        """Waits until spans of these services and names are there."""
        with self.arrived:
            there = self.arrived.wait_for(lambda: set(wanted) <= self.of(trace).keys(), PATIENCE_SECONDS)
            assert there, (wanted, self.of(trace).keys())
            return self.of(trace)


@pytest.fixture(scope="module")
def collector() -> Iterator[tuple[Collector, str]]:
    """A collector and where it listens."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield collector, f"http://127.0.0.1:{server.server_port}/v1/traces"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def stack(collector: tuple[Collector, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two services that send their spans there."""
    settings = {"WANGDIAN_TRACES_URL": collector[1]}
    folder: Path = tmp_path_factory.mktemp("traced")
    stack = Stack(folder, services=("staffing", "ticketing"), fast=True, settings=settings)
    stack.start()
    yield stack
    stack.stop()


def test_a_trace_goes_from_the_request_through_the_broker_to_the_reaction(
    stack: Stack, collector: tuple[Collector, str]
) -> None:
    headers = {
        "Authorization": f"Bearer {token_of(stack, 'planner-1')}",
        "Idempotency-Key": str(new_id()),
        "traceparent": f"00-{TRACE}-{CALLER}-01",
    }
    answer = httpx.post(
        f"{stack.url('staffing')}/v1/outlets",
        json=outlet_body(code="SH-0001"),
        headers=headers,
        trust_env=False,
    )
    assert answer.status_code == 201, answer.text
    request, send = ("wangdian-staffing", "POST /v1/outlets"), ("wangdian-staffing", f"send {TOPIC}")
    process = ("wangdian-ticketing", f"process {TOPIC}")
    found = collector[0].until(TRACE, request, send, process)
    assert found[request].parent_span_id.hex() == CALLER
    assert found[send].parent_span_id == found[process].parent_span_id == found[request].span_id
    begun = [found[part].start_time_unix_nano for part in (request, send, process)]
    assert begun == sorted(begun)
    assert all(outlet_body()["name"].encode() not in body for body in collector[0].bodies)

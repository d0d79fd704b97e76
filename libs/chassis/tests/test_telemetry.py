"""Log lines say which service wrote them and what they go back to."""

import json
import subprocess
import sys

SPEAKER = """
import structlog
from chassis import telemetry
from chassis.outbox import correlation_id

telemetry.configure_logging("sample")
log = structlog.get_logger()
log.info("before")
correlation_id.set("request-1")
log.info("within", route="/v1/notes")
"""


def test_lines_carry_the_service_and_what_they_go_back_to() -> None:
    spoken = subprocess.run([sys.executable, "-c", SPEAKER], capture_output=True, text=True, check=True)
    before, within = (json.loads(line) for line in spoken.stdout.splitlines())
    assert (before["service"], before["event"], before.get("correlation_id")) == ("sample", "before", None)
    assert within["correlation_id"] == "request-1"
    assert (within["level"], within["route"]) == ("info", "/v1/notes")

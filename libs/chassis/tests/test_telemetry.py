"""Log lines say which service wrote them and what they go back to."""

import json
import subprocess
import sys

SPEAKER = r"""
import logging, threading
import structlog
from chassis import telemetry
from chassis.outbox import correlation_id

telemetry.configure_logging("sample")
log = structlog.get_logger()
log.info("before")
correlation_id.set("request-1")
log.info("within", route="/v1/notes")
try:
    raise OSError("gone")
except OSError:
    thread = threading.Thread(target=log.info, args=("beside",))
    thread.start()
    thread.join()
    logging.getLogger("library").exception('said "%s"\nand more', 5)
"""


def test_lines_carry_the_service_and_what_they_go_back_to() -> None:
    spoken = subprocess.run([sys.executable, "-c", SPEAKER], capture_output=True, text=True, check=True)
    before, within, beside, library = (json.loads(line) for line in spoken.stdout.splitlines())
    assert (before["service"], before["event"], before.get("correlation_id")) == ("sample", "before", None)
    assert within["correlation_id"] == "request-1"
    assert (within["level"], within["route"]) == ("info", "/v1/notes")
    assert (library["logger"], library["level"], library["service"]) == ("library", "error", "sample")
    assert (library["event"], library["correlation_id"]) == ('said "5"\nand more', "request-1")
    assert library["exception"][0]["exc_value"] == "gone"
    assert "locals" not in library["exception"][0]["frames"][0]
    assert before["timestamp"] <= within["timestamp"] <= library["timestamp"]
    assert (beside["service"], beside["event"]) == ("sample", "beside")

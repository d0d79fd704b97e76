"""Takes one record; killed with SIGKILL right before or right after the commit (run as a process of
its own).
"""

import asyncio
import os
import signal
import sys

from chassis.clock import SystemClock
from chassis.db import create_engine, session_factory
from chassis.inbox import Record
from chassis.settings import Settings
from libs.chassis.tests import sample


async def main(point: str, value: str) -> None:
    """Effect first, then the kill."""
    settings = Settings(kafka_bootstrap_servers="none:1", issuer="none", jwks_url="none")
    headers = {
        "ce_id": "killed",
        "ce_source": "/sample",
        "ce_type": sample.COUNTED,
        "ce_sequence": "1",
        "ce_time": "2026-03-02T01:00:00Z",
    }
    record = Record(sample.TOPIC, 0, 1, "killed-key", headers, value.encode())
    async with session_factory(create_engine(settings)).begin() as session:
        await sample.service.inbox.take(session, SystemClock(), [record])
        if point == "before":
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


asyncio.run(main(sys.argv[1], sys.argv[2]))

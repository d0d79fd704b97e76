"""Memory of a service that has nothing to do: the largest of the four, ten seconds after they are ready."""

import tempfile
import time
from pathlib import Path

from benchmarks.report import Result, conclude, show_environment, show_table
from deploy.devstack.stack import Stack

LIMIT_MB = 150.0
REST_SECONDS = 10.0


def resident_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


def main() -> None:
    """Runs the benchmark."""
    show_environment()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        stack.start()
        try:
            time.sleep(REST_SECONDS)
            found = {name: resident_mb(stack.pid(name)) for name in stack.names}
        finally:
            stack.stop()
    show_table("resident memory at rest", ("service", "MB"), [(n, f"{mb:.0f}") for n, mb in found.items()])
    largest = max(found.values())
    conclude(
        Result(
            name="idle_memory",
            value=round(largest, 1),
            unit="MB",
            against="limit",
            reference=LIMIT_MB,
            ratio=round(largest / LIMIT_MB, 3),
            goal="<= 1.0",
            met=largest <= LIMIT_MB,
            processes=len(found),
            server_cpu_ms=None,
        )
    )


if __name__ == "__main__":
    main()

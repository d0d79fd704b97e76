"""``python -m benchmarks [NAME …]``: runs the benchmarks, each in a process of its own."""

import subprocess
import sys

BENCHMARKS = (
    "ticket_issue",
    "issue_latency",
    "fact_latency",
    "messaging",
    "resources",
    "growth",
    "scale_out",
    "rulebook",
    "replay",
    "product_search",
    "sale_log",
)


def main() -> int:
    """Runs what is named, or all; fails when one fails to run (a goal missed is printed, not hidden)."""
    chosen = sys.argv[1:] or BENCHMARKS
    codes = []
    for name in chosen:
        print(f"\n=== {name}", flush=True)
        codes.append(subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode)
    return max(codes)


sys.exit(main())

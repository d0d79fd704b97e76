"""`python -m tools.rules`: runs the tests that carry an id and writes docs/rules.md.

``--from FILE`` uses what an earlier run wrote with ``--rules-out`` instead of running; ``--check`` compares
with the committed page instead of writing it. ``--collected`` runs nothing and takes every test as passed: a
page that is stale by its names alone is known in seconds instead of after a whole run.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from tools.rules.catalogue import catalogue
from tools.rules.plugin import load
from tools.rules.table import mentions, table
from tools.sources import ROOT

PAGE = "docs/rules.md"

HARVEST = ".local/rules.json"

#: pytest's exit code when the selection holds no test.
NOTHING_SELECTED = 5


def run(root: Path, target: Path, *more: str) -> int:
    """Runs the marked tests; answers pytest's exit code, an empty selection being none."""
    target.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "rule or mechanism",
        "--rules-out",
        str(target),
        *more,
    ]
    code = subprocess.run(command, cwd=root, check=False).returncode
    return 0 if code == NOTHING_SELECTED else code


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Writes or checks the page; answers 1 when a marked test fails or the page is stale."""
    parser = argparse.ArgumentParser(prog="python -m tools.rules", description=__doc__)
    parser.add_argument(
        "--from", dest="harvest", type=Path, help="outcomes that a run wrote with --rules-out"
    )
    parser.add_argument("--check", action="store_true", help="compare with the committed page")
    parser.add_argument("--collected", action="store_true", help="take the marked tests as passed, run none")
    options = parser.parse_args(arguments)
    target = options.harvest or root / HARVEST
    quick = ["--collect-only", "-qq"] if options.collected else []
    code = 0 if options.harvest else run(root, target, *quick)
    if not target.exists():
        return code or 1
    text = table(catalogue(), load(target), mentions(root))
    page = root / PAGE
    print(text.rstrip().rsplit("\n", 1)[-1])
    if not options.check:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, "utf-8")
    elif not page.exists() or page.read_text("utf-8") != text:
        print(f"{PAGE} is stale: run `make rules`", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

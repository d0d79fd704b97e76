"""What stands in deploy/observability: alerts, panels, and the metrics that both name."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.devstack import REPOSITORY

FOLDER = REPOSITORY / "deploy" / "observability"
RULES = FOLDER / "rules.yml"
ALERTS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for rule in yaml.safe_load(RULES.read_text("utf-8"))["groups"][0]["rules"]
}
PANELS: dict[str, str] = {
    f"{path.stem}: {panel['title']} {target['refId']}": target["expr"]
    for path in sorted((FOLDER / "dashboards").glob("*.json"))
    for panel in json.loads(path.read_text("utf-8"))["panels"]
    for target in panel["targets"]
}
METRIC = re.compile(r"\b((?:wangdian|process)_\w+|up)\b")

needs_prometheus = pytest.mark.skipif(
    shutil.which("promtool") is None or shutil.which("prometheus") is None,
    reason="needs prometheus and promtool (Debian's package `prometheus`)",
)


def metrics(expression: str) -> set[str]:
    """The metrics that an expression names."""
    return set(METRIC.findall(expression))


def page() -> Path:
    """The page that explains every metric."""
    return REPOSITORY / "docs" / "observability.md"

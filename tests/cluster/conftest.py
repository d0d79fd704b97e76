"""Whether these tests run: three brokers and eight services are much for a machine that has other work."""

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what takes minutes and gigabytes unless it was asked for, and says so."""
    if os.environ.get("CLUSTER") == "1":
        return
    for item in items:
        if item.get_closest_marker("cluster"):
            item.add_marker(pytest.mark.skip(reason="takes minutes and gigabytes: make cluster-test"))

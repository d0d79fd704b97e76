"""Which tests one of several processes is given at once (``pytest -n``): those of a file, in their order.

A folder whose tests share a stack stays together: each process that gets one of them starts that stack.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

SHARING = ("tests/e2e/", "tests/operator/")


class ByFile(LoadScopeScheduling):
    """Hands out whole files, and the folders of ``SHARING`` whole."""

    def _split_scope(self, nodeid: str) -> str:
        folder = next((folder for folder in SHARING if nodeid.startswith(folder)), None)
        return folder or nodeid.split("::", 1)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """How tests are handed out when several processes run them."""
    return ByFile(config, log)

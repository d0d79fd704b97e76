"""Where an installation is found, and what is said when it is not."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.operator import OperatorError
from deploy.operator.installation import find, from_environment

GIVEN = {
    "WANGDIAN_STAFFING_URL": "https://staffing.bank.test/",
    "WANGDIAN_STAFFING_DATABASE_URL": "postgresql://staffing_app:one@db.test/staffing",
    "WANGDIAN_STAFFING_OWNER_DATABASE_URL": "postgresql://staffing_owner:two@db.test/staffing",
    "WANGDIAN_STAFFING_DATA_DIR": "staffing-data",
    "WANGDIAN_KAFKA_BOOTSTRAP_SERVERS": "kafka.test:9092",
    "WANGDIAN_ISSUER": "https://login.bank.test",
    "WANGDIAN_JWKS_URL": "https://login.bank.test/jwks",
}


def test_the_environment_names_an_installation() -> None:
    found = find(None, GIVEN)
    [staffing] = found.services
    assert staffing.url == "https://staffing.bank.test"
    assert staffing.data_dir == Path("staffing-data")
    assert list(found.passwords()) == [("staffing_app", "one"), ("staffing_owner", "two")]
    assert found.service("staffing") is staffing
    with pytest.raises(OperatorError, match="there are staffing"):
        found.service("ticketing")


def test_what_is_missing_is_named() -> None:
    with pytest.raises(OperatorError, match="WANGDIAN_STAFFING_DATABASE_URL, WANGDIAN_ISSUER"):
        from_environment(
            {
                name: value
                for name, value in GIVEN.items()
                if name not in {"WANGDIAN_STAFFING_DATABASE_URL", "WANGDIAN_ISSUER"}
            }
        )


def test_without_a_stack_the_command_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.operator", "--stack", str(tmp_path / "stack.json"), "status"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "make up" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_stack(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text("{")
    with pytest.raises(OperatorError, match="cannot be read"):
        find(path, {})

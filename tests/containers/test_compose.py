"""The composed system, run for real: built, started, played on, killed, taken down and started again.

One story in the order of the file: each test goes on with what the one before has left.
"""

import json
import re
import time

import pytest

from deploy import SERVICES
from tests.containers.composed import BASE_IMAGE, LASTING, Composed, docker

pytestmark = pytest.mark.containers

#: What a service's image may add to the one that it is built on.
IMAGE_BYTES_MAX = 250_000_000

ASK = """
import json, ssl, sys
import httpx
secrets = json.load(open("/issuer/client_secrets.json"))
trust = ssl.create_default_context(cafile="/run/secrets/gateway_certificate")
with httpx.Client(base_url="https://gateway:8443", verify=trust, trust_env=False) as client:
    def token(name):
        form = {"grant_type": "client_credentials"}
        answer = client.post("/issuer/token", data=form, auth=(name, secrets[name]))
        return {"Authorization": "Bearer " + answer.raise_for_status().json()["access_token"]}
    outlets = client.get("/staffing/v1/outlets", headers=token("auditor-1")).raise_for_status().json()
    there = f"/ticketing/v1/outlets/{outlets['items'][0]['id']}"
    queue = {"letter": "Z", "name_zh": "体验", "name_en": "Try it", "service_codes": ["card"]}
    head = token("head-W001") | {"Idempotency-Key": "queue"}
    queue_id = client.post(f"{there}/queues", headers=head, json=queue).raise_for_status().json()["id"]
    kiosk = token("kiosk-W001") | {"Idempotency-Key": "ticket"}
    wish = {"service_code": "card", "queue_id": queue_id}
    ticket = client.post(f"{there}/tickets", headers=kiosk, json=wish)
    found = client.get(ticket.raise_for_status().headers["Location"], headers=token("kiosk-W001"))
    paths = ["/", "/ticketing/docs", "/ticketing/metrics", "/compliance/readyz"]
    paths.append("/compliance/v1/public/products")
    print(json.dumps({
        "number": found.raise_for_status().json()["number"],
        "server": found.headers.get("server"),
        "answers": {path: client.get(path).status_code for path in paths},
    }))
"""


#: Lines of name and figure, see :func:`conftest.figures`.
Figures = list[list[str]]


def test_a_branch_day_is_played_against_the_containers(composed: Composed, figures: Figures) -> None:
    compared = composed.balanced()
    figures.append(["comparisons of the first day's books", f"{compared:,}"])
    assert compared > 1_000


@pytest.mark.parametrize("service", SERVICES)
def test_images_hold_little_beside_what_they_are_built_on(
    composed: Composed, figures: Figures, service: str
) -> None:
    own = json.loads(docker("image", "inspect", composed.container(service)["Image"]))[0]["Size"]
    base = json.loads(docker("image", "inspect", BASE_IMAGE))[0]["Size"]
    limit = f"{IMAGE_BYTES_MAX / 1e6:.0f}"
    figures.append([f"{service}: MB over its base, at most {limit}", f"{(own - base) / 1e6:.1f}"])
    assert own - base <= IMAGE_BYTES_MAX
    others = [name for name in SERVICES if name != service]
    assert composed.inside(service, "ls", "/app/services").split() == [service], f"holds one of {others}"


@pytest.mark.parametrize("service", [*SERVICES, "issuer", "gateway"])
def test_nothing_inside_is_root_or_writes_its_own_files(composed: Composed, service: str) -> None:
    told = composed.inside(
        service, "sh", "-c", "id -u; touch /app/x 2>&1; touch /etc/x 2>&1; cat /proc/1/status"
    )
    assert told.splitlines()[0] == "10001"
    assert told.count("Read-only file system") + told.count("No such file") >= 1
    assert re.search(r"CapEff:\s+0+$", told, re.MULTILINE)
    assert re.search(r"NoNewPrivs:\s+1", told)


def test_the_gateway_is_the_only_door(composed: Composed) -> None:
    """TLS, a path for each service, Locations that lead back through it, nothing that is for operators."""
    told = json.loads(composed.inside("player", "python", "-", stdin=ASK).splitlines()[-1])
    assert re.fullmatch(r"Z\d{3}", told["number"])
    assert told["server"] is None
    assert told["answers"] == {
        "/": 404,
        "/ticketing/docs": 200,
        "/ticketing/metrics": 404,
        "/compliance/readyz": 404,
        "/compliance/v1/public/products": 200,
    }
    doors = {name: composed.container(name)["HostConfig"]["PortBindings"] for name in LASTING}
    assert {name for name, bound in doors.items() if bound} == {"gateway"}


def test_prometheus_sees_every_service(composed: Composed) -> None:
    there = "http://prometheus:9090/api/v1/query?query=up"
    ask = f"import urllib.request as r; print(r.urlopen('{there}').read().decode())"
    told = json.loads(composed.inside("ticketing", "python", "-c", ask))["data"]["result"]
    assert {one["metric"]["service"]: one["value"][1] for one in told} == dict.fromkeys(SERVICES, "1")


@pytest.mark.parametrize("service", LASTING)
def test_each_container_that_is_killed_comes_back(composed: Composed, figures: Figures, service: str) -> None:
    killed = time.monotonic()
    composed.kill_process(service)
    composed.compose("up", "--wait", "--no-recreate", *LASTING, seconds=300)
    figures.append([f"{service} killed, seconds until all is well", f"{time.monotonic() - killed:.1f}"])
    states = {name: composed.container(name)["State"]["Health"]["Status"] for name in LASTING}
    assert set(states.values()) == {"healthy"}, states


def test_after_all_were_killed_at_once_the_next_day_balances_with_the_one_before(
    composed: Composed, figures: Figures
) -> None:
    before = composed.balanced()
    composed.compose("kill")
    composed.up()
    figures.append(["comparisons after all were killed at once", f"{composed.balanced():,}"])
    assert composed.balanced() > before


def test_taken_down_and_started_again_on_its_volumes_nothing_is_missing(
    composed: Composed, figures: Figures
) -> None:
    before = composed.balanced()
    composed.compose("down", "--timeout", "20", seconds=300)
    composed.up()
    figures.append(["comparisons after down and up on the same volumes", f"{composed.balanced():,}"])
    assert composed.balanced() > before

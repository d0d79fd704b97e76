"""``make secrets``: everything that the composed system wants, made once, private, of one mind."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from psycopg.conninfo import conninfo_to_dict

from deploy import SERVICES
from deploy.secrets import GATEWAY_NAMES, HalfAPair, make


def test_what_is_made_once_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = make(folder)
    first = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert sorted(made) == sorted(first)
    assert make(folder) == []
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == first
    assert folder.stat().st_mode & 0o777 == 0o700


def test_urls_carry_the_passwords_that_the_database_is_given(tmp_path: Path) -> None:
    make(tmp_path)
    passwords = set()
    for service in SERVICES:
        for role, name in (("app", "database_url"), ("owner", "owner_database_url")):
            user = f"{service}_{role}"
            password = (tmp_path / f"postgres_{user}").read_text(encoding="utf-8")
            url = (tmp_path / f"{service}_{name}").read_text(encoding="utf-8")
            parts = conninfo_to_dict(url)
            assert (parts["user"], parts["password"], parts["dbname"]) == (user, password, service)
            passwords.add(password)
    assert len(passwords) == 2 * len(SERVICES), "each role has its own"


def test_the_gateways_certificate_belongs_to_its_key_and_names_it(tmp_path: Path) -> None:
    make(tmp_path)
    certificate, key = tmp_path / "gateway_certificate", tmp_path / "gateway_key"
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    shown = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == set(GATEWAY_NAMES)


@pytest.mark.parametrize("missing", ["gateway_certificate", "gateway_key"])
def test_half_a_pair_is_refused_and_nothing_is_replaced(tmp_path: Path, missing: str) -> None:
    make(tmp_path)
    (tmp_path / missing).unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(HalfAPair, match=missing):
        make(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before

"""What Airflow's connections become: addresses, a ledger, a mail server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.sdk import Connection

from pipelines.addresses import split_address
from pipelines.connection import Connection as Opened
from pipelines.errors import CampaignError
from pipelines.ledger.database import ledger_url as database_url
from pipelines.masking import SecretsOf
from pipelines.scheduling.connections import address_of, ledger_url, mail_settings
from pipelines.settings import load_settings

# Every letter that means something in an address.
ODD = "p@ss:/w%41?rd #1"


def connection(kind: str, extra: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Return a connection as Airflow gives it to a task."""
    return Connection(
        conn_id="cashback_source",
        conn_type=kind,
        extra=json.dumps(extra) if extra else None,
        **fields,
    )


SFTP = {"host": "files.example", "port": 2222, "login": "me@home", "password": ODD}
S3 = {"login": "AKIA/1", "password": ODD}


@pytest.mark.parametrize(
    ("given", "bare", "options"),
    [
        # Host, port, login, password: each field has its place.
        (
            connection("sftp", **SFTP),
            "sftp://files.example:2222/",
            {"username": "me@home", "password": ODD},
        ),
        # A folder, as path in the extra or as the schema; a key in place of a password.
        (
            connection("sftp", {"path": "/in/daily"}, host="files.example"),
            "sftp://files.example/in/daily",
            {},
        ),
        (
            connection(
                "ssh", {"key_file": "/k"}, host="h", port=22, schema="in", login="me"
            ),
            "sftp://h:22/in",
            {"username": "me", "key_filename": "/k"},
        ),
        # An address in the extra, and who asks beside it.
        (
            connection("generic", {"uri": "sftp://h:22/in"}, login="me", password=ODD),
            "sftp://h:22/in",
            {"username": "me", "password": ODD},
        ),
        (
            connection("generic", {"uri": "sftp://you@h/in"}, login="me"),
            "sftp://h/in",
            {"username": "you"},
        ),
        # A bucket, with and without a server of its own.
        (
            connection("aws", schema="bucket/in", **S3),
            "s3://bucket/in",
            {"key": "AKIA/1", "secret": ODD},
        ),
        (
            connection(
                "aws",
                {
                    "bucket_name": "bucket",
                    "endpoint_url": "http://h:9000",
                    "region_name": "eu-west-1",
                    "aws_session_token": "t=1&2",
                },
            ),
            "s3://bucket",
            {
                "token": "t=1&2",
                "client_kwargs": {
                    "endpoint_url": "http://h:9000",
                    "region_name": "eu-west-1",
                },
            },
        ),
        # Folders.
        (connection("fs", {"path": "/data/in"}), "/data/in", {}),
        (connection("generic", {"uri": "/data/a?b"}), "/data/a?b", {}),
    ],
)
def test_a_connection_is_an_address_with_all_that_it_says(given, bare, options):
    """Nothing is lost, whatever letters it is made of."""
    assert split_address(address_of(given)) == (bare, options)


def test_an_address_shows_no_secret_of_its_connection():
    """Neither the password nor a token, as written or as meant."""
    for given in (connection("sftp", **SFTP), connection("aws", schema="b", **S3)):
        address = address_of(given)
        shown = SecretsOf(address).masked(f"cannot open {address}: {ODD}")
        assert ODD not in shown
        assert "w%2541" not in shown


@pytest.mark.parametrize("kind", ["sftp", "aws", "fs", "generic"])
def test_a_connection_that_names_no_place_is_refused(kind):
    """With a sentence that says which field is missing."""
    with pytest.raises(CampaignError, match="cashback_source names no place"):
        address_of(connection(kind, login="me", password=ODD))


def test_an_extra_that_is_no_json_is_refused_and_not_shown():
    """It may be a password that somebody wrote into the wrong field."""
    given = Connection(conn_id="c", conn_type="sftp", host="h", extra=ODD)

    with pytest.raises(CampaignError, match="is no JSON object") as refused:
        address_of(given)

    assert ODD not in str(refused.value)


def test_a_ledger_is_found_by_the_fields_of_a_database(tmp_path):
    """Host, port, database, login, password and options of the driver."""
    given = connection(
        "postgres",
        {"sslmode": "require"},
        host="db.example",
        port=5433,
        schema="ledger",
        login="me@home",
        password=ODD,
    )

    url = database_url(tmp_path, ledger_url(given))

    assert (url.host, url.port, url.database) == ("db.example", 5433, "ledger")
    assert (url.username, url.password) == ("me@home", ODD)
    assert dict(url.query) == {"sslmode": "require"}


def test_a_mail_server_is_found_by_the_fields_of_airflow(tmp_path):
    """Its form speaks of SSL and TLS, and ours of security; ours goes first."""
    given = {"host": "mail.example", "port": 465, "login": "me", "password": ODD}
    form = {"from_email": "a@b.example", "disable_ssl": "true", "timeout": 9}

    found = mail_settings(connection("smtp", form, **given))
    mail = load_settings(tmp_path, found).mail

    assert (mail.host, mail.port, mail.user) == ("mail.example", 465, "me")
    assert mail.password
    assert mail.password.get_secret_value() == ODD
    assert (mail.sender, mail.timeout_seconds) == ("a@b.example", 9)
    assert mail.security == "starttls"
    ssl = mail_settings(connection("smtp", {"disable_ssl": False}, **given))
    assert ssl["CASHBACK_MAIL_SECURITY"] == "tls"
    ours = mail_settings(connection("smtp", form | {"security": "tls"}, **given))
    assert ours["CASHBACK_MAIL_SECURITY"] == "tls"


def test_a_key_in_an_address_is_read_or_refused():
    """Its text is part of no message."""
    with pytest.raises(CampaignError, match="private key") as refused:
        Opened(address_of(connection("sftp", {"private_key": ODD}, host="h.example")))

    assert ODD not in str(refused.value)

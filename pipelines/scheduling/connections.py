"""What Airflow's connections say: addresses for fsspec, a ledger, a mail server.

The fields are those of Airflow's own forms, so that connections which other DAGs use
will do here, too. Nothing of them is returned to the scheduler.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from pipelines.addresses import S3_CLIENT_OPTIONS, joined_address
from pipelines.errors import CampaignError

# How Airflow names kinds of connections, and how fsspec names them.
PROTOCOLS = {"ssh": "sftp", "aws": "s3", "fs": "file"}


def find_connection(name: str) -> Any:
    """Return the connection of that name; None if there is none."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        return None


def address_of(connection: Any) -> str:
    """Return the folder or address that a connection stands for.

    ``uri`` in the extra, if it is there, names the place; user and password beside it
    still hold. Otherwise it is host, port, and the schema as a folder; of S3, the
    schema is the bucket, and perhaps a prefix.

    Raises:
        CampaignError: it names no place.
    """
    extra = _extra(connection)
    kind = str(connection.conn_type or "")
    protocol, place = PROTOCOLS.get(kind, kind), _place(connection, extra)
    if uri := str(extra.get("uri") or ""):
        protocol, is_address, place = uri.partition("://")
        if not is_address:
            return uri
    if not place:
        message = (
            f"the connection {connection.conn_id} names no place, so nothing was done: "
            "give it a host, of S3 a bucket in the field schema, or an address as uri "
            "in the extra."
        )
        raise CampaignError(message)
    if protocol == "file":
        return place
    if "@" in place.partition("/")[0]:
        # An address that says by itself who asks.
        return f"{protocol}://{place}"
    options = {"sftp": _sftp_options, "s3": _s3_options}.get(protocol, _no_options)
    user, password = connection.login, connection.password
    return joined_address(protocol, place, user, password, options(extra))


def ledger_url(connection: Any) -> str:
    """Return the address of the ledger's database."""
    if connection.conn_type == "sqlite":
        return f"sqlite:///{connection.host or connection.schema or ''}"
    url = joined_address(
        "postgresql",
        f"{_server(connection)}/{connection.schema or ''}",
        connection.login,
        connection.password,
    )
    plain = {key: one for key, one in _extra(connection).items() if _is_plain(one)}
    return f"{url}?{urlencode(plain)}" if plain else url


def mail_settings(connection: Any) -> dict[str, str]:
    """Return the variables that tell of a mail server, as the settings know them."""
    extra = _extra(connection)
    found = {
        "HOST": connection.host,
        "PORT": connection.port,
        "USER": connection.login,
        "PASSWORD": connection.password,
        "SENDER": extra.get("from_email"),
        "TIMEOUT_SECONDS": extra.get("timeout"),
        "SECURITY": _security(extra),
    }
    found |= {name.upper(): value for name, value in extra.items()}
    return {
        f"CASHBACK_MAIL_{name}": str(value)
        for name, value in found.items()
        if value and _is_plain(value)
    }


def _place(connection: Any, extra: dict[str, Any]) -> str:
    """Return what comes after ``protocol://``, without who asks."""
    folder = str(extra.get("path") or connection.schema or "")
    if connection.conn_type in {"s3", "aws"}:
        bucket = str(extra.get("bucket_name") or "")
        return "/".join(one for one in (bucket, folder.strip("/")) if one)
    if PROTOCOLS.get(connection.conn_type, connection.conn_type) == "file":
        return folder
    server = _server(connection)
    return f"{server}/{folder.lstrip('/')}" if server else ""


def _server(connection: Any) -> str:
    host = connection.host or ""
    return f"{host}:{connection.port}" if host and connection.port else host


def _sftp_options(extra: dict[str, Any]) -> dict[str, Any]:
    return {
        "key_filename": extra.get("key_file"),
        "private_key": extra.get("private_key"),
        "passphrase": extra.get("private_key_passphrase"),
    }


def _s3_options(extra: dict[str, Any]) -> dict[str, Any]:
    found = {name: extra.get(name) for name in sorted(S3_CLIENT_OPTIONS)}
    return found | {"token": extra.get("aws_session_token")}


def _no_options(_: dict[str, Any]) -> dict[str, Any]:
    return {}


def _security(extra: dict[str, Any]) -> str | None:
    """Return what the form of Airflow's mail servers says; None if it says nothing."""
    if not {"disable_ssl", "disable_tls"} & extra.keys():
        return None
    if not _is_set(extra, "disable_ssl"):
        return "tls"
    return "none" if _is_set(extra, "disable_tls") else "starttls"


def _is_set(extra: dict[str, Any], name: str) -> bool:
    return str(extra.get(name, "")).lower() in {"true", "1"}


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _extra(connection: Any) -> dict[str, Any]:
    try:
        found = json.loads(connection.extra or "{}")
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    # What is written there may be a password, so it is not shown.
    message = (
        f"the extra of the connection {connection.conn_id} is no JSON object, so "
        'nothing was done: write it as {"name": "value"}.'
    )
    raise CampaignError(message)

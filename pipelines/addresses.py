"""Take an address apart: what may be shown of it, and what only a server is told.

``sftp://USER:PASSWORD@HOST:PORT/FOLDER?key_filename=PATH`` and
``s3://KEY_ID:KEY@BUCKET/PREFIX?endpoint_url=URL&region_name=NAME``, each part but host,
bucket and folder percent-encoded, and each but those optional.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from pipelines.errors import CampaignError

if TYPE_CHECKING:
    from collections.abc import Mapping

SFTP_OPTIONS = {"key_filename", "passphrase", "private_key"}
S3_CLIENT_OPTIONS = {"endpoint_url", "region_name"}
S3_OPTIONS = S3_CLIENT_OPTIONS | {"token"}
_OPTIONS = {"sftp": SFTP_OPTIONS, "ssh": SFTP_OPTIONS, "s3": S3_OPTIONS}


def split_address(address: str) -> tuple[str, dict[str, Any]]:
    """Return an address without its secrets, and the options that a server needs.

    Other addresses than ``sftp://`` and ``s3://`` stay as they are.

    Raises:
        CampaignError: a private key in it is none.

    >>> split_address("sftp://me:p%40ss@host:22/in")
    ('sftp://host:22/in', {'username': 'me', 'password': 'p@ss'})
    >>> split_address("s3://bucket/in?endpoint_url=http%3A//host%3A9000")
    ('s3://bucket/in', {'client_kwargs': {'endpoint_url': 'http://host:9000'}})
    >>> split_address("/in/a?b@c"), split_address("https://me@host/in?sig=abc")
    (('/in/a?b@c', {}), ('https://me@host/in?sig=abc', {}))
    """
    protocol, _, rest = address.partition("://")
    if protocol not in _OPTIONS or "::" in address:
        return address, {}
    rest, given = _without_query(rest, _OPTIONS[protocol])
    server, slash, path = rest.partition("/")
    user, at, host = server.rpartition("@")
    name, _, password = (unquote(part) for part in user.partition(":"))
    bare = f"{protocol}://{host}{slash}{path}"
    if not at:
        name = password = ""
    if protocol == "s3":
        return bare, _s3_options(name, password, given)
    return bare, _sftp_options(name, password, given)


def joined_address(
    protocol: str,
    place: str,
    user: str | None = None,
    password: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> str:
    """Return the address that :func:`split_address` takes apart.

    >>> joined_address("sftp", "host:22/in", "me", "p@ss", {"passphrase": None})
    'sftp://me:p%40ss@host:22/in'
    """
    who = quote(user or "", safe="")
    if password:
        who += f":{quote(password, safe='')}"
    query = urlencode(
        {name: value for name, value in (options or {}).items() if value},
        quote_via=quote,
    )
    parts = (f"{who}@" if who else "", place, f"?{query}" if query else "")
    return f"{protocol}://{''.join(parts)}"


def _without_query(rest: str, known: set[str]) -> tuple[str, dict[str, str]]:
    """Return what is before the query, and the query; whole, if it asks for more."""
    before, _, query = rest.partition("?")
    given = dict(parse_qsl(query))
    return (before, given) if query and given.keys() <= known else (rest, {})


def _s3_options(key_id: str, key: str, given: dict[str, str]) -> dict[str, Any]:
    client = {name: given[name] for name in given if name in S3_CLIENT_OPTIONS}
    options = {"key": key_id, "secret": key, "token": given.get("token")}
    return {name: value for name, value in options.items() if value} | (
        {"client_kwargs": client} if client else {}
    )


def _sftp_options(user: str, password: str, given: dict[str, str]) -> dict[str, Any]:
    options: dict[str, Any] = {"username": user, "password": password, **given}
    if text := options.pop("private_key", None):
        options["pkey"] = _private_key(text, options.get("passphrase"))
    return {name: value for name, value in options.items() if value}


def _private_key(text: str, passphrase: str | None) -> Any:
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text), passphrase)
        except (paramiko.SSHException, ValueError):
            continue
    message = (
        "the private key of an address cannot be read; nothing was done: give it as "
        "ssh-keygen writes it, with its passphrase if it has one."
    )
    raise CampaignError(message)

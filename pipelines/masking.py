"""Keep the secrets of a URI out of messages and receipts."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

MASK = "***"
# To mask every letter that is also a password would leave no message.
SHORTEST = 3
# What a query may say in a message: it helps to see which server failed.
_OPEN = {"endpoint_url", "region_name", "key_filename"}
_USER = re.compile(r"://[^/\s]*@")


class SecretsOf:
    """What of one URI is nobody's business: user, password and query."""

    def __init__(self, uri: str) -> None:
        secrets: set[str] = set()
        for part in uri.split("::"):
            _, is_uri, where = part.partition("://")
            # A folder may have any name; only a URI has a place for secrets.
            if is_uri and not part.startswith(("file:", "local:")):
                path, _, query = where.partition("?")
                password = path.partition("/")[0].rpartition("@")[0].partition(":")[2]
                secrets |= {password, unquote(password), query}
                secrets |= {
                    value for name, value in parse_qsl(query) if name not in _OPEN
                }
        long = [secret for secret in secrets if len(secret) >= SHORTEST]
        self._secrets = sorted(long, key=len, reverse=True)

    def masked(self, text: str) -> str:
        """Return *text* without them.

        >>> SecretsOf("sftp://me:p%40ss@host/in").masked("sftp://me:p%40ss@host: p@ss?")
        'sftp://host: ***?'
        >>> SecretsOf("https://host/in?sig=abc").masked("GET https://host/in?sig=abc")
        'GET https://host/in?***'
        """
        text = _USER.sub("://", text)
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

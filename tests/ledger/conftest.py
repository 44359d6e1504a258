"""The databases that these tests run on."""

from tests.ledger_fixtures import ledger, ledger_url, postgresql_server

__all__ = ["ledger", "ledger_url", "postgresql_server"]

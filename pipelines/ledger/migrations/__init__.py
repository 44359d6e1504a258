"""The versions of the ledger's database, each one made from the one before."""

"""The append-only, hash-chained record of all that was earned and paid."""

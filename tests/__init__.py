"""The tests: sentences that must stay true."""

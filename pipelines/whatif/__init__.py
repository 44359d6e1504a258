"""A published run's inputs decided under other terms: never a payout."""

"""Tests of what goes to the bank and of what comes back."""

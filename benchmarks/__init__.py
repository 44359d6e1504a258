"""Benchmarks: commands of their own, not tests."""

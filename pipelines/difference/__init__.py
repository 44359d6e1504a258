"""What changed between two runs, for whom, and by which cause."""

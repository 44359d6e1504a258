"""A run or a batch as one file, which an auditor checks without us."""

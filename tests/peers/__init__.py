"""Other people's programs that read what we write, and write what we read.

They live in an environment of their own, so that nothing of them is installed where
the product runs.
"""

"""Made-up extracts that cluster where decisions turn, in every dialect allowed.

Nothing here reads a file or decides anything, so that a reading of the contract is
never tested against its own idea of what a file looks like.
"""

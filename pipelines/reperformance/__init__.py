"""A run computed again, by the same code and by the second reading, and compared."""

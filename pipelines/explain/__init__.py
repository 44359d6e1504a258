"""Why a customer was paid or not, the rows that show it, and the nearest way."""

"""Days and periods: a blank start is never, a blank end is open."""

from datetime import date


def within(day: date, start: date | None, end: date | None) -> bool:
    """Tell whether *day* is in a period: a blank start is never, a blank end open."""
    return start is not None and start <= day <= (end or date.max)


def on_or_before(happened: date | None, day: date) -> bool:
    """Tell whether something happened by *day*; a blank date is never."""
    return happened is not None and happened <= day

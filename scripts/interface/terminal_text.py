"""Text for a terminal, of whatever the data hold."""

SECONDS_PER_MINUTE = 60
MINUTES_PER_HOUR = 60


def visible(value: object) -> str:
    """A value as text that does nothing to a terminal: what is not printable is shown escaped, None as nothing."""
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def duration(seconds: float) -> str:
    """A duration as people say it: 0.4 s, 12 s, 3 min 20 s, 1 h 5 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), SECONDS_PER_MINUTE)
    hours, minutes = divmod(minutes, MINUTES_PER_HOUR)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"

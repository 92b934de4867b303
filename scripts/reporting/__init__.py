"""The quality report: its figures, charts, page and texts."""

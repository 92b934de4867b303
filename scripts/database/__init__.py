"""The warehouse: where it is, how it is opened, who holds it, and what its tables are."""

"""Downloads that survive what servers do."""

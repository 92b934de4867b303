"""Builds under faults, with readers beside them."""

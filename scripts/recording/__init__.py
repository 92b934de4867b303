"""The history of runs, and the alerts about them."""

"""What `scripts/build.py` shows and mends while it builds."""

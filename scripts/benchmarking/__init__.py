"""What the pipeline costs, measured in fresh processes and judged against a baseline."""

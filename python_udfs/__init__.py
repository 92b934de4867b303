"""Functions that score names; SQL does everything else."""

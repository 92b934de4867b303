"""What must hold before readers see a version, the versions kept, and what changed between two."""

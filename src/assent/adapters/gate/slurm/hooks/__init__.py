"""What runs beside slurmctld: `install` writes these files out, with paths in them."""

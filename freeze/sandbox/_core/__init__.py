"""What every simulated platform stands on: the world, its clock, its faults, its server."""

"""What the simulators of Meta's platforms share."""

"""What the adapters of Meta's platforms share."""

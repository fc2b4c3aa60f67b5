"""Who runs which account, and what its bio says."""

"""What people drop in: drafts, calendar files, the register as CSV, an address that is read."""

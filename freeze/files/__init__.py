"""What people drop in: drafts, calendar files, the register as CSV, spreadsheets, an address that is read."""

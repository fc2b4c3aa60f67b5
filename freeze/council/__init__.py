"""One council's choices: settings, options, credentials, roles, who is on duty, what its own people must press."""

"""Working days and every date that a law or a protocol counts: requests, elections, mourning."""

"""What is wrong with a post: rules applied, what is accepted, twins, clauses, and what a platform did not publish."""

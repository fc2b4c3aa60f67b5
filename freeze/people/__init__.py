"""What only people can do, what they answer, and the signs that machines and people are there."""

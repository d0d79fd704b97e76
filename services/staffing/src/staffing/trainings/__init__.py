"""What an employee has learnt, and since when he sells: recorded with its evidence, never changed."""

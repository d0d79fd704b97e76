"""What is done in one case for the protection of the customer, on record before the gate decides."""

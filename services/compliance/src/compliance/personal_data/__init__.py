"""Personal fields of customers: sealed one by one, masked when shown, revealed on record."""

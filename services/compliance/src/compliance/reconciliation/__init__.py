"""Sales, permits, orders and confirmations, held against each other day by day."""

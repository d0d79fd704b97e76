"""Privacy: notices, what customers agreed to behind them, and who may do what with their data."""

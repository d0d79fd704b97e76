"""Sales: the gate that judges a case, what it decided, and the sale that it logs."""

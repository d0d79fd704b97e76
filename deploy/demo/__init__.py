"""The demo bank: what its branch day is made of."""

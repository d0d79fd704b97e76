"""Sales zones (销售专区): where products may be sold, and whether the place is ready for it."""

"""Files on customers' needs and finances (M065): with their consent, until a day that is known."""

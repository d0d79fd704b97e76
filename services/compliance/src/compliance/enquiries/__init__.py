"""What people ask about products (M139): answered from the registry, and logged without a word about them."""

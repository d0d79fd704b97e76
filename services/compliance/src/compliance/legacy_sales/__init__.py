"""The import of old sales and recordings, and what is missing of them."""

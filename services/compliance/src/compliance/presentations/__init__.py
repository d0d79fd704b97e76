"""What was presented of a product when a case opened, and whenever a recording of it began."""

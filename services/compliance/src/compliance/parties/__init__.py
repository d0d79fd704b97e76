"""Who takes part in a case besides its customer and its seller."""

"""The duty to tell holders of a changed risk: when it is due, when it was done (PRD-03)."""

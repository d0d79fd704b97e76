"""The rulebook looked at: printed for people, compared between days, tried before it holds, approved."""

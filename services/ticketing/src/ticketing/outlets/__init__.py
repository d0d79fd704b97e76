"""Outlets as ticketing knows them: a register of its own, kept from staffing's facts."""

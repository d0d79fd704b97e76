"""Who owns, as first contact, what customers file by themselves."""

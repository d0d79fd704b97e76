"""Published lists of an outlet's sellers: who is authorised to sell there, for everybody to read (ZON-04)."""

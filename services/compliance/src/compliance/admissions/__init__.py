"""What an outlet may do: given only where zone and dual recording are in place (ZON-10, M126)."""

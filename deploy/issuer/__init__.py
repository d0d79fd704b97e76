"""A small issuer of access tokens for development and demos; production uses the bank's own provider."""

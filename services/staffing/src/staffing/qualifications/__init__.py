"""Qualifications: what they allow, for which days, suspended and revoked."""

"""Campaigns with merchants and utilities: checked for inducements before approval (SAL-07, M066)."""

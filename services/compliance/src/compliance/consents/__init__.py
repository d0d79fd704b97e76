"""Consents: the customer's answer to being recorded, given before the recording begins."""

"""Fees (收费告知): what a service will cost a customer, told and confirmed before it is rendered."""

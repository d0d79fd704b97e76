"""Offers (组合): products and services that the bank offers together, none of them tied to another."""

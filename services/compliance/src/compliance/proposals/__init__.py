"""Proposals (产品组合建议): products that the bank recommends to a customer, each matched with him."""

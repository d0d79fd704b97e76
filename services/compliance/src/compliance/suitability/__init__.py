"""What a customer was told before he bought: the matching opinion and the risks, and that he knows them."""

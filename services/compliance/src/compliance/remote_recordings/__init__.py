"""Where remote recording is a channel: off, until two officers enabled it for a product and a region."""

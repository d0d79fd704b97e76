"""The edge: requests come in over HTTP, are let in, answered once, and refused in two languages."""

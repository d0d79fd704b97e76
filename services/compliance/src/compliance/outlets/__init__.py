"""Register of outlets: what this service keeps of the outlets that staffing owns."""

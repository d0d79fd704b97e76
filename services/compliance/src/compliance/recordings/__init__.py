"""Dual recording: uploads, inspection of what was uploaded, sealing."""

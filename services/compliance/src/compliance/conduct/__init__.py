"""Conduct (行为管理): incidents about what staff did, and the alerts that rest a right to sell meanwhile."""

"""What one person submits and another approves; no routes."""

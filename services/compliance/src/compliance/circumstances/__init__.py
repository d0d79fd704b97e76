"""What the bank knows about a customer that the gate needs: dated statements, no name or number."""

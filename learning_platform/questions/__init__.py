"""Questions under an assignment, and the answers to them."""

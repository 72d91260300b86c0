"""The foundation: knows nothing of learning."""

"""Learning Platform: groups learn programming together, in step, and review each other's code."""

"""Reviews: who gets what to review, what they say of it, and what comes of it."""

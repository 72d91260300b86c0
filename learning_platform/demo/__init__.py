"""A believable school, for looking around: a story told by the actions of the rooms, at the moments of the story."""

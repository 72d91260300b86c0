"""Pages for people: they call the same actions and queries as the API."""

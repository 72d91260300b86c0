"""The demo school: users, tracks and reviews made by the same actions that handlers call, at times in the past."""

"""The doors for people and programs: they parse, call one action or a few queries, and answer."""

"""The interfaces for people and programs: handlers parse the input, call one action or a few queries, and respond."""

"""Attempts: one participant's go at one assignment, and what they handed in."""

"""Tracks: their assignments, criteria, calendar and participants."""

"""Tracks: what is to be learnt, by which criteria it is judged, in which calendar, and by whom."""

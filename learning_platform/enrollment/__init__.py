"""Join and leave a track; the last place starts it."""

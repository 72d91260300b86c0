"""Upgrading a database that was filled by an earlier version."""

"""Certificates for participants who finished a track by its rule."""

"""Emails: their queue, what they look like, and the worker that sends them."""

"""Notifications: inboxes, texts and emails."""

"""Accounts: users, sessions, tokens, sign-in, rate limits."""

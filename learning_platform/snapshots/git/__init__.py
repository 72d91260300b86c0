"""git as a program under hard limits: receive a push, fetch a link, take one tree out of a repository."""

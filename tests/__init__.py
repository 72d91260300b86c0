"""The tests: real PostgreSQL, nothing of the project mocked, time an argument."""

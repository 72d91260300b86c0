"""The tests: real PostgreSQL, nothing of ours mocked, time an argument."""

"""The JSON that clients send and receive, as Pydantic models."""

"""What the API and the pages share: problems, validation, dependencies, rate limits, metrics."""

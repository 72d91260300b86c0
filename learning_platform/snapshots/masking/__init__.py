"""Hide from reviewers what would reveal the author of a submission."""

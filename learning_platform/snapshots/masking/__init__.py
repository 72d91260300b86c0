"""Hide from reviewers what would tell them the author of a submission."""

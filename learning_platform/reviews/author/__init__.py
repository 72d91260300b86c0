"""What the author of a track sees: the board, submissions, results, and the quality of reviews."""

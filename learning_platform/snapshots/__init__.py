"""What was handed in, frozen: trees of files, stored by their content, and how they are compared and masked."""

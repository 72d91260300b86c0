"""What is kept about people, column by column: its export and its deletion."""

"""What leaves the platform as a file: tables for spreadsheet programs."""

"""Comments on the code of a submission: threads at lines, files or criteria, drafts of them, answers and reports."""

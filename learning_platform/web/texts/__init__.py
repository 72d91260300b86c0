"""Text that users write, as HTML: Markdown, links and code, formatted by worker processes."""

"""What the handlers of pages share: rendering, forms, cookies, redirects."""

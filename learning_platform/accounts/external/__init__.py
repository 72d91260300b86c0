"""Sign in with accounts elsewhere: OpenID Connect providers, GitLab, GitHub."""

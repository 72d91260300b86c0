"""WebSockets: their routes, and the delivery of notifications."""

"""The HTTP API and the WebSocket route, with one router for each subject."""

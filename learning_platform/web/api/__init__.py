"""The HTTP API and the WebSocket, one router a room."""

"""What people are told: kept until read, pushed over WebSocket at once."""

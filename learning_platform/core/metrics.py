"""What every process measures for Prometheus, with or without a web server."""

from prometheus_client import Counter, Gauge

TASK_FAILURES = Counter("background_task_failures_total", "Times a background task ended.", ["task"])
TASK_RUNNING = Gauge("background_task_running", "1 while a background task runs.", ["task"])
SWEEP_FAILURES = Counter("sweep_failures_total", "Rows that a sweep failed to handle.", ["sweep"])
SWEEP_ROWS = Counter("sweep_rows_total", "Rows that a sweep handled.", ["sweep"])
OVERDUE_SECONDS = Gauge("overdue_seconds", "For how long the earliest unhandled event has been due.")
DATABASE_UP = Gauge("database_up", "1 if the database answered within two seconds.")
DATABASE_READ_ONLY = Gauge("database_read_only", "1 if the database refuses changes.")
DATABASE_ERRORS = Counter("database_unavailable_total", "Times the database could not be used.")
POOL_SIZE = Gauge("database_pool_size", "Connections the pool may open.")
POOL_IN_USE = Gauge("database_pool_in_use", "Connections in use.")
POOL_WAITING = Gauge("database_pool_waiting", "Tasks that wait for a connection.")
LISTENER_CONNECTED = Gauge("listener_connected", "1 while the process hears notifications of the database.")
EMAILS = Gauge("emails", "Emails in the queue and behind it.", ["state"])
NOTIFICATIONS_SENT = Counter("notifications_sent_total", "Notifications handed to people with open WebSockets.")

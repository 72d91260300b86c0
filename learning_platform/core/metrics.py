"""Prometheus metrics of every process, with or without a web server."""

from prometheus_client import Counter, Gauge, Histogram

TASK_FAILURES = Counter("background_task_failures_total", "Times a background task failed or ended.", ["task"])
TASK_RUNNING = Gauge("background_task_running", "1 while a background task runs.", ["task"])
SWEEP_FAILURES = Counter("sweep_failures_total", "Times a sweep failed to handle a row.", ["sweep"])
UNKNOWN_EVENTS = Counter("unknown_scheduled_events_total", "Pending events that this version cannot handle.", ["kind"])
SWEEP_ROWS = Counter("sweep_rows_total", "Rows that a sweep has handled.", ["sweep"])
OVERDUE_SECONDS = Gauge("overdue_seconds", "Seconds since the earliest unhandled event was due.")
DATABASE_UP = Gauge("database_up", "1 if the database responded within two seconds.")
DATABASE_READ_ONLY = Gauge("database_read_only", "1 if the database refuses changes.")
DATABASE_ERRORS = Counter("database_unavailable_total", "Times the database was unavailable.")
POOL_SIZE = Gauge("database_pool_size", "Maximum number of connections of the pool.")
POOL_IN_USE = Gauge("database_pool_in_use", "Connections in use.")
POOL_WAITING = Gauge("database_pool_waiting", "Tasks waiting for a connection.")
LISTENER_CONNECTED = Gauge("listener_connected", "1 while the process receives notifications from the database.")
EMAILS = Gauge("emails", "Emails by state: waiting, sent and so on.", ["state"])
FETCHES = Counter("fetches_total", "Fetches of links by outcome: frozen, or why not.", ["outcome"])
FETCH_SECONDS = Histogram("fetch_seconds", "Duration of a fetch.", buckets=(0.25, 0.5, 1, 2, 5, 10, 20, 40, 60))
LINKS_WAITING = Gauge("links_waiting", "Links that are to be fetched.")
LINKS_WAITING_SECONDS = Gauge("links_waiting_seconds", "Seconds since the earliest waiting link was handed in.")
NOTIFICATIONS_SENT = Counter("notifications_sent_total", "Notifications sent to open WebSockets.")

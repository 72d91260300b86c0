"""How long sessions, tokens, networks and counters of limits are kept."""

from datetime import timedelta

from learning_platform.core.retention import Retention
from learning_platform.core.settings import Settings

# Rows are locked and deleted by their ctid, so that they are looked up once. Tokens are deleted with their session. A
# revoked session is kept at least while its access tokens are valid, because every process has to know of it.
DELETE_EXPIRED_SESSIONS = """
delete from sessions where ctid = any(array(
    select ctid from sessions where expires_at <= $1 order by expires_at limit $2 for update skip locked))
returning id
"""
DELETE_ENDED_SESSIONS = """
delete from sessions where ctid = any(array(
    select ctid from sessions where revoked_at <= $1 order by revoked_at limit $2 for update skip locked))
returning id
"""
# The second use of a token ends its session; used tokens are kept as long as an unused one would be valid.
DELETE_USED_TOKENS = """
delete from refresh_tokens where ctid = any(array(
    select ctid from refresh_tokens where used_at <= $1 order by used_at limit $2 for update skip locked))
returning 1
"""
DELETE_RATE_LIMITS = """
delete from rate_limits where ctid = any(array(
    select ctid from rate_limits where free_at <= $1 limit $2 for update skip locked))
returning 1
"""
DELETE_NETWORKS = """
delete from known_networks where ctid = any(array(
    select ctid from known_networks where last_used_at <= $1 order by last_used_at limit $2 for update skip locked))
returning 1
"""
# Of a change that was not confirmed nothing is needed once its links are no longer valid.
DELETE_EMAIL_CHANGES = """
delete from email_changes where ctid = any(array(
    select ctid from email_changes
    where confirmed_at is null and expires_at <= $1 and coalesce(undo_until, expires_at) <= $1
    order by expires_at limit $2 for update skip locked))
returning 1
"""


def retentions(settings: Settings) -> tuple[Retention, ...]:
    """Return how long each is kept, by the settings."""
    access_lifetime = timedelta(minutes=settings.access_token_minutes)
    sessions = max(timedelta(days=settings.session_retention_days), access_lifetime)
    return (
        Retention("expired_sessions", sessions, DELETE_EXPIRED_SESSIONS),
        Retention("ended_sessions", sessions, DELETE_ENDED_SESSIONS),
        Retention("refresh_tokens", timedelta(days=settings.refresh_token_days), DELETE_USED_TOKENS),
        Retention("rate_limits", timedelta(), DELETE_RATE_LIMITS),
        Retention("email_changes", timedelta(), DELETE_EMAIL_CHANGES),
        Retention("known_networks", timedelta(days=settings.known_network_days), DELETE_NETWORKS),
    )

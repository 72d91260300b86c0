"""What is kept of sessions, tokens, networks and limits, and for how long."""

from datetime import timedelta

from learning_platform.core.retention import Retention
from learning_platform.core.settings import Settings

# Rows are locked and deleted by where they lie (ctid): nothing is looked up twice. Tokens go with their session.
# One that was ended stays at least as long as its access tokens live: until then every process has to be able to read
# that it was.
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
# A token that was used and comes again ends its session; that is watched for as long as an unused one would be good.
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


def retentions(settings: Settings) -> tuple[Retention, ...]:
    """Return for how long each is kept, as the settings say."""
    access_lifetime = timedelta(minutes=settings.access_token_minutes)
    sessions = max(timedelta(days=settings.session_retention_days), access_lifetime)
    return (
        Retention("expired_sessions", sessions, DELETE_EXPIRED_SESSIONS),
        Retention("ended_sessions", sessions, DELETE_ENDED_SESSIONS),
        Retention("refresh_tokens", timedelta(days=settings.refresh_token_days), DELETE_USED_TOKENS),
        Retention("rate_limits", timedelta(), DELETE_RATE_LIMITS),
        Retention("known_networks", timedelta(days=settings.known_network_days), DELETE_NETWORKS),
    )

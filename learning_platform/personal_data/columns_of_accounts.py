"""The columns of accounts and of what reaches people: sessions, inboxes, emails."""

from learning_platform.personal_data.kinds import (
    BOOKKEEPING,
    EXPORTED_AND_DELETED,
    EXPORTED_AND_ERASED,
    EXPORTED_AND_EXPIRES,
    EXPORTED_AND_KEPT,
    NOT_PERSONAL,
    REFERENCE_DELETED,
    REFERENCE_EXPIRES,
    SECRET,
    Columns,
    Personal,
)

ACCOUNTS: Columns = {
    "users": {
        "id": EXPORTED_AND_KEPT,
        "email": EXPORTED_AND_ERASED,
        "username": EXPORTED_AND_ERASED,
        "password_hash": SECRET,
        "role": EXPORTED_AND_KEPT,
        "locale": EXPORTED_AND_KEPT,
        "time_zone": EXPORTED_AND_ERASED,
        "display_name": EXPORTED_AND_ERASED,
        "about": EXPORTED_AND_ERASED,
        "profile_visibility": EXPORTED_AND_ERASED,
        "created_at": EXPORTED_AND_KEPT,
        # A blocked user cannot sign in to export; for a deleted account the value says that it is deleted.
        "blocked_at": BOOKKEEPING,
        "email_confirmed_at": EXPORTED_AND_ERASED,
        "email_refused_at": EXPORTED_AND_ERASED,
        "feed_key": SECRET,
        "version": BOOKKEEPING,
    },
    "external_identities": {
        "id": REFERENCE_DELETED,
        "user_id": REFERENCE_DELETED,
        "provider": EXPORTED_AND_DELETED,
        "subject": EXPORTED_AND_DELETED,
        "created_at": EXPORTED_AND_DELETED,
        "last_used_at": EXPORTED_AND_DELETED,
    },
    "sessions": {
        "id": REFERENCE_EXPIRES,
        "user_id": REFERENCE_EXPIRES,
        "created_at": EXPORTED_AND_EXPIRES,
        "expires_at": EXPORTED_AND_EXPIRES,
        "revoked_at": EXPORTED_AND_EXPIRES,
    },
    "refresh_tokens": {
        "token_hash": REFERENCE_EXPIRES,
        "session_id": REFERENCE_EXPIRES,
        "created_at": REFERENCE_EXPIRES,
        "used_at": REFERENCE_EXPIRES,
    },
    "hand_in_tokens": {
        "id": REFERENCE_DELETED,
        "user_id": REFERENCE_DELETED,
        "name": EXPORTED_AND_DELETED,
        "token_hash": Personal("deleted", exported=False),
        "created_at": EXPORTED_AND_DELETED,
        "expires_at": EXPORTED_AND_DELETED,
        "last_used_at": EXPORTED_AND_DELETED,
    },
    # The network is a keyed hash: it can be compared, and not read.
    "known_networks": {
        "user_id": REFERENCE_DELETED,
        "network": REFERENCE_DELETED,
        "last_used_at": EXPORTED_AND_DELETED,
    },
    # Keyed hashes of addresses and accounts, forgotten when their time is over.
    "rate_limits": {
        "rule": NOT_PERSONAL,
        "key": NOT_PERSONAL,
        "uses": NOT_PERSONAL,
        "free_at": NOT_PERSONAL,
    },
    # What happened on a track, announced to many users.
    "announcements": {
        "id": NOT_PERSONAL,
        "event": NOT_PERSONAL,
        "type": NOT_PERSONAL,
        "track_id": NOT_PERSONAL,
        "assignment_id": NOT_PERSONAL,
        "due_at": NOT_PERSONAL,
        "parameters": NOT_PERSONAL,
        "created_at": NOT_PERSONAL,
    },
    "notifications": {
        "id": EXPORTED_AND_DELETED,
        "user_id": REFERENCE_DELETED,
        "announcement_id": REFERENCE_DELETED,
        "submitted": EXPORTED_AND_DELETED,
        "is_read": EXPORTED_AND_DELETED,
    },
    "inboxes": {
        "user_id": REFERENCE_DELETED,
        "read_up_to": EXPORTED_AND_DELETED,
    },
    "mail_preferences": {
        "user_id": REFERENCE_DELETED,
        "types": EXPORTED_AND_DELETED,
        "delivery": EXPORTED_AND_DELETED,
        "digest_hour": EXPORTED_AND_DELETED,
        "quiet_from": EXPORTED_AND_DELETED,
        "quiet_until": EXPORTED_AND_DELETED,
        "version": REFERENCE_DELETED,
    },
    # Those that wait are deleted; those sent are counted until a retention removes them.
    "emails": {
        "id": REFERENCE_EXPIRES,
        "user_id": REFERENCE_EXPIRES,
        "kind": EXPORTED_AND_EXPIRES,
        "notification_id": REFERENCE_EXPIRES,
        "digest_id": REFERENCE_EXPIRES,
        "invitation_id": REFERENCE_EXPIRES,
        "state": EXPORTED_AND_EXPIRES,
        "tries": REFERENCE_EXPIRES,
        "created_at": EXPORTED_AND_EXPIRES,
        "next_try_at": REFERENCE_EXPIRES,
    },
    "installation": {
        "is_only": NOT_PERSONAL,
        "uuid": NOT_PERSONAL,
    },
    "email_cursors": {
        "id": NOT_PERSONAL,
        "announcement_id": NOT_PERSONAL,
    },
}

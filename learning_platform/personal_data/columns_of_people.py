"""The columns of invitations, of users who were removed from a track, and of offers to hand a track over.

An invitation by email is about a person who may have no account. It is deleted a month after its end, with the account
of the person whose address it names, and with its track (people/retention.py).
"""

from learning_platform.personal_data.kinds import (
    EXPORTED_AND_DELETED,
    NOT_PERSONAL,
    REFERENCE_DELETED,
    Columns,
    Personal,
)

PEOPLE: Columns = {
    "invitations": {
        "id": REFERENCE_DELETED,
        "track_id": REFERENCE_DELETED,
        "invited_by": REFERENCE_DELETED,
        "role": EXPORTED_AND_DELETED,
        "token_hash": Personal("deleted", exported=False),
        "email": EXPORTED_AND_DELETED,
        "name": EXPORTED_AND_DELETED,
        "max_uses": NOT_PERSONAL,
        "uses": NOT_PERSONAL,
        "created_at": EXPORTED_AND_DELETED,
        "expires_at": EXPORTED_AND_DELETED,
        "withdrawn_at": EXPORTED_AND_DELETED,
        "declined_at": EXPORTED_AND_DELETED,
        "opened_at": EXPORTED_AND_DELETED,
    },
    "invitation_uses": {
        "invitation_id": REFERENCE_DELETED,
        "user_id": REFERENCE_DELETED,
        "used_at": EXPORTED_AND_DELETED,
    },
    "removals": {
        "track_id": REFERENCE_DELETED,
        "user_id": REFERENCE_DELETED,
        "removed_by": REFERENCE_DELETED,
        "reason": EXPORTED_AND_DELETED,
        "removed_at": EXPORTED_AND_DELETED,
    },
    "hand_over_offers": {
        "track_id": REFERENCE_DELETED,
        "user_id": REFERENCE_DELETED,
        "offered_by": REFERENCE_DELETED,
        "offered_at": EXPORTED_AND_DELETED,
    },
}

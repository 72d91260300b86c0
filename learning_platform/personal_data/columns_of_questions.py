"""The columns of questions and answers."""

from learning_platform.personal_data.kinds import (
    BOOKKEEPING,
    EXPORTED_AND_DELETED,
    EXPORTED_AND_ERASED,
    EXPORTED_AND_KEPT,
    REFERENCE,
    REFERENCE_DELETED,
    Columns,
)

QUESTIONS: Columns = {
    # Questions with answers stay without a name, and so do answers; both are masked for good.
    "questions": {
        "id": REFERENCE,
        "track_id": REFERENCE,
        "assignment_id": REFERENCE,
        "writer_id": REFERENCE,
        "created_at": EXPORTED_AND_KEPT,
        "answered_at": EXPORTED_AND_KEPT,
        "pinned_at": BOOKKEEPING,
    },
    "question_posts": {
        "id": REFERENCE,
        "question_id": REFERENCE,
        "position": BOOKKEEPING,
        "writer_id": REFERENCE,
        "role": EXPORTED_AND_KEPT,
        "title": EXPORTED_AND_ERASED,
        "text": EXPORTED_AND_ERASED,
        "masked_title": BOOKKEEPING,
        "masked_text": BOOKKEEPING,
        "created_at": EXPORTED_AND_KEPT,
        "updated_at": EXPORTED_AND_KEPT,
        "hidden_at": BOOKKEEPING,
        "hidden_by": REFERENCE,
        "reported_at": BOOKKEEPING,
        "kept_at": BOOKKEEPING,
        "kept_by": REFERENCE,
        "version": BOOKKEEPING,
        "search": BOOKKEEPING,
    },
    "question_reports": {
        "post_id": REFERENCE,
        "user_id": REFERENCE,
        "reason": EXPORTED_AND_KEPT,
        "created_at": EXPORTED_AND_KEPT,
    },
    "question_readers": {
        "track_id": REFERENCE_DELETED,
        "user_id": REFERENCE_DELETED,
        "read_up_to": EXPORTED_AND_DELETED,
        "is_muted": EXPORTED_AND_DELETED,
    },
    "question_mutes": {"question_id": REFERENCE_DELETED, "user_id": REFERENCE_DELETED},
}

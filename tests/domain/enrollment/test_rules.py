"""When a track is full. No database."""

from learning_platform.enrollment.rules import is_full


def test_a_track_is_full_when_the_last_place_is_taken() -> None:
    assert not is_full(participants=4, seats=5)
    assert is_full(participants=5, seats=5)

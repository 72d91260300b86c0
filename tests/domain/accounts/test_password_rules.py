"""Which passwords are refused when one is chosen."""

import pytest

from learning_platform.accounts.password_rules import ensure_hard_to_guess
from learning_platform.accounts.rules import CommonPassword, PasswordIsName


@pytest.mark.parametrize("password", ["12345678", "Qwertyuiop", "PASSWORD123", "iloveyou"])
def test_common_passwords_are_refused_in_any_case(password: str) -> None:
    with pytest.raises(CommonPassword):
        ensure_hard_to_guess(password, username="alice", email="alice@example.com")


@pytest.mark.parametrize(
    "password", ["Alice.Smith", "ASMITH-1990@example.com", "asmith-1990", "Learning Platform", "learning-platform"]
)
def test_names_that_everyone_knows_are_refused(password: str) -> None:
    with pytest.raises(PasswordIsName):
        ensure_hard_to_guess(password, username="alice.smith", email="asmith-1990@example.com")


@pytest.mark.parametrize("password", ["correct horse", "learn-together", "alice.smith 1990", "secret123", "жёлтый кот"])
def test_other_passwords_are_accepted(password: str) -> None:
    ensure_hard_to_guess(password, username="alice.smith", email="asmith-1990@example.com")

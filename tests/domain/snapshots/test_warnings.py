"""What the author of a hand-in is warned of."""

import pytest

from learning_platform.snapshots.trees import tree_of
from learning_platform.snapshots.warnings import warnings_of
from tests.domain.snapshots.files import file, submodule, tree

STARTER = tree(main="start here", tests="check")
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n"


def test_a_hand_in_of_the_starter_alone_is_named() -> None:
    for same in (STARTER, tree(main="start here"), tree_of([file("main.py", "start here"), file("empty", b"")])):
        assert warnings_of(same, starter=STARTER.entries) == ("starter_only",)


def test_anything_new_is_no_starter() -> None:
    for other in (tree(main="mine"), tree(main="start here", more="x"), tree(other="start here")):
        assert warnings_of(other, starter=STARTER.entries) == ()
    assert warnings_of(STARTER) == ()


def test_files_without_content_are_empty() -> None:
    assert warnings_of(tree_of([file("a", b""), submodule("b")]), starter=STARTER.entries) == ("empty",)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("key.pem", PEM),
        ("deploy/id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n"),
        ("notes.md", f"My key:\n\n{PEM}"),
        ("key.asc", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"),
        ("key", "-----BEGIN PRIVATE KEY-----\n"),
        (".env", "DEBUG=1\nSECRET_KEY=0123456789abcdef\n"),
        ("app/.env.production", "export DB_PASSWORD='correct horse'\n"),
    ],
)
def test_a_secret_is_named_with_its_path(path: str, content: str) -> None:
    assert warnings_of(tree_of([file(path, content)])) == (f"private_key:{path}",)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("key.pub", "-----BEGIN PUBLIC KEY-----\n"),
        ("cert.pem", "-----BEGIN CERTIFICATE-----\n"),
        ("README.md", "Generate a PRIVATE KEY first.\n"),
        (".env", "DEBUG=1\nSECRET_KEY=\nTOKEN=short\n"),
        (".env.example", "SECRET_KEY=put-your-secret-here\n"),
        ("settings.py", "SECRET_KEY = os.environ['SECRET_KEY']\n"),
    ],
)
def test_what_is_no_secret_is_not_named(path: str, content: str) -> None:
    assert warnings_of(tree_of([file(path, content)])) == ()


def test_many_secrets_are_not_all_named() -> None:
    assert len(warnings_of(tree_of(file(f"{n}.pem", PEM) for n in range(100)))) == 5

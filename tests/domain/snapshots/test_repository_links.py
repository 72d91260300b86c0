"""Links as people paste them lead to a repository, and to a branch where they name one."""

import pytest

from learning_platform.snapshots.git.links import repository_link
from learning_platform.snapshots.rules import FreezeFailed

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PAGES = {
    "https://github.com/alice/task": "https://github.com/alice/task",
    "https://github.com/alice/task/": "https://github.com/alice/task",
    "https://github.com/alice/task.git": "https://github.com/alice/task.git",
    "https://github.com/alice/task?tab=readme-ov-file#usage": "https://github.com/alice/task",
    "https://github.com/alice/task/issues/3": "https://github.com/alice/task",
    "https://gitlab.com/group/below/task/-/issues": "https://gitlab.com/group/below/task",
    "https://git.school.example:8443/alice/task": "https://git.school.example:8443/alice/task",
    "https://gist.github.com/alice/abc": "https://gist.github.com/alice/abc",
}
BRANCHES = {
    "https://github.com/alice/task/tree/main": ["refs/heads/main", "refs/tags/main"],
    "https://github.com/alice/task/blob/main/a.py": [
        *("refs/heads/main/a.py", "refs/tags/main/a.py", "refs/heads/main", "refs/tags/main"),
    ],
    "https://gitlab.com/group/task/-/tree/dev?ref_type=heads": ["refs/heads/dev", "refs/tags/dev"],
    "https://codeberg.org/alice/task/src/branch/dev": ["refs/heads/dev", "refs/tags/dev"],
    "https://bitbucket.org/alice/task/src/dev/": ["refs/heads/dev", "refs/tags/dev"],
    "https://github.com/alice/task/tree/%D1%80": ["refs/heads/р", "refs/tags/р"],
}
REFUSED = (
    "http://github.com/alice/task",
    "file:///etc/passwd",
    "ext::sh -c id",
    "ssh://git@github.com/alice/task",
    "git@github.com:alice/task.git",
    "-oProxyCommand=id",
    "--upload-pack=id",
    "https://alice:secret@github.com/alice/task",
    "https://token@github.com/alice/task",
    "https://github.com:0/alice/task",
    "https://github.com:port/alice/task",
    "https:///alice/task",
    "https://github.com/alice/task\nhttps://other",
    "https://github.com\\@127.0.0.1/alice",
    "https://[::1/alice",
    "",
)


@pytest.mark.parametrize(("link", "url"), PAGES.items())
def test_a_page_leads_to_its_repository(link: str, url: str) -> None:
    assert repository_link(link).url == url
    assert repository_link(link).refs() == []


@pytest.mark.parametrize(("link", "refs"), BRANCHES.items())
def test_a_page_of_a_branch_leads_to_the_branch(link: str, refs: list[str]) -> None:
    assert repository_link(link).refs() == refs


def test_a_page_of_a_commit_leads_to_the_commit() -> None:
    for page in ("commit", "tree", "blob"):
        assert repository_link(f"https://github.com/alice/task/{page}/{COMMIT}").commit == COMMIT


@pytest.mark.parametrize("link", ["https://github.com/alice/task/tree/a*b", "https://github.com/alice/task/tree/-%00"])
def test_what_is_no_name_of_a_branch_is_left_out(link: str) -> None:
    assert repository_link(link).refs() == []


@pytest.mark.parametrize("link", REFUSED)
def test_other_links_are_refused_before_git_sees_them(link: str) -> None:
    with pytest.raises(FreezeFailed) as refused:
        repository_link(link)
    assert refused.value.code == "host_refused"

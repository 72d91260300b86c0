"""Files as they are handed in, for tests."""

from learning_platform.snapshots.trees import SUBMODULE, SYMLINK, File, Mode, Tree, tree_of


def file(path: str, content: bytes | str = b"print(1)\n", mode: Mode = "100644") -> File:
    """Return a file with this content."""
    content = content.encode() if isinstance(content, str) else content
    return File(path, mode, content, len(content))


def link(path: str, target: str) -> File:
    """Return a symbolic link."""
    return file(path, target, SYMLINK)


def submodule(path: str) -> File:
    """Return a submodule, which has no content."""
    return File(path, SUBMODULE, None, 0)


def tree(**contents: bytes | str) -> Tree:
    """Return a tree of files by name, each with the suffix `.py`."""
    return tree_of(file(f"{name}.py", content) for name, content in contents.items())

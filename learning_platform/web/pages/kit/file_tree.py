"""The list of files on the code page, by folder."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from learning_platform.web.pages.kit.code_view import FileView


@dataclass(slots=True)
class Folder:
    """A folder of the list of files; one that holds nothing but another is shown with it in one line."""

    name: str = ""
    folders: dict[str, "Folder"] = field(default_factory=dict)
    files: list[FileView] = field(default_factory=list)


def folders_of(files: Iterable[FileView]) -> Folder:
    """Return the list of files by folder."""
    root = Folder()
    for file in files:
        folder = root
        for name in file.path.split("/")[:-1]:
            folder = folder.folders.setdefault(name, Folder(name))
        folder.files.append(file)
    _join_single(root)
    return root


def _join_single(folder: Folder) -> None:
    for name, inner in list(folder.folders.items()):
        while not inner.files and len(inner.folders) == 1:
            (only,) = inner.folders.values()
            inner = Folder(f"{inner.name}/{only.name}", only.folders, only.files)
        folder.folders[name] = inner
        _join_single(inner)

"""Languages of programs by the names of their files, and the parts of a program. Nothing here loads a lexer."""

from dataclasses import dataclass
from pathlib import PurePosixPath

# By suffix. Where several languages use one suffix, only what is code for each of them is code.
LEXERS: dict[str, tuple[str, ...]] = {
    **{f".{suffix}": ("python",) for suffix in ("py", "pyi", "pyw")},
    **{f".{suffix}": ("javascript",) for suffix in ("js", "mjs", "cjs")},
    **{f".{suffix}": ("typescript",) for suffix in ("ts", "mts", "cts")},
    **{f".{suffix}": ("cpp",) for suffix in ("cc", "cpp", "cxx", "hh", "hpp", "hxx", "ino")},
    ".bash": ("bash",), ".c": ("c",), ".cs": ("csharp",), ".css": ("css",), ".dart": ("dart",), ".ex": ("elixir",),
    ".exs": ("elixir",), ".go": ("go",), ".groovy": ("groovy",), ".h": ("c", "objective-c"), ".hs": ("haskell",),
    ".htm": ("html",), ".html": ("html",), ".java": ("java",), ".jl": ("julia",), ".jsx": ("jsx",),
    ".kt": ("kotlin",), ".kts": ("kotlin",), ".lua": ("lua",), ".php": ("php",), ".ps1": ("powershell",),
    ".rb": ("ruby",), ".rs": ("rust",), ".scala": ("scala",), ".scss": ("scss",), ".sh": ("bash",),
    ".sql": ("sql", "postgresql"), ".swift": ("swift",), ".tsx": ("tsx",), ".vue": ("vue",), ".zig": ("zig",),
}  # fmt: skip


def languages_of(path: str) -> tuple[str, ...]:
    """Return the languages that a file may be written in; none if it is prose or data."""
    return LEXERS.get(PurePosixPath(path).suffix.lower(), ())


@dataclass(frozen=True, slots=True)
class Views:
    """A file's text several times, as long as it is, with all but one part of it blank.

    `prose`: comments, texts, and what no lexer knows. `names`: those that the program gives to its things.
    """

    prose: str
    comments: str
    names: str

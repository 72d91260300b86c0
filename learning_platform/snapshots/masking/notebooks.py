"""Notebooks: their cells of code as code, all else in them as prose."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

# Hides in the text of a file with this name, and says in how many places.
MaskText: TypeAlias = Callable[[str, str], tuple[str, int]]
PROSE, CODE = "cell.md", "cell.py"


def masked_notebook(content: str, mask: MaskText) -> tuple[str, int] | None:
    """Return a notebook with as many lines as before, and the number of hidden places.

    None if it is not written as notebooks usually are, so that writing it again would move its lines.
    """
    try:
        notebook = json.loads(content)
        if not isinstance(notebook, dict) or _written(notebook) != content.rstrip("\n"):
            return None
        masked = _Masked(mask, _code_name(notebook)).value(notebook)
    except (ValueError, RecursionError):
        return None
    return _written(masked[0]) + content[len(content.rstrip("\n")) :], masked[1]


def _written(notebook: Any) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False)


def _code_name(notebook: dict[str, Any]) -> str:
    """Return the name of a file in the language of the notebook."""
    metadata = notebook.get("metadata")
    language = metadata.get("language_info") if isinstance(metadata, dict) else None
    suffix = language.get("file_extension") if isinstance(language, dict) else None
    return f"cell{suffix}" if isinstance(suffix, str) and suffix.startswith(".") else CODE


class _Masked:
    """Values of a notebook, which may be anything that JSON can say, with what is hidden in them."""

    def __init__(self, mask: MaskText, code_name: str) -> None:
        self._mask = mask
        self._code_name = code_name

    def value(self, value: Any) -> tuple[Any, int]:
        if isinstance(value, str):
            return self._mask(value, PROSE)
        if isinstance(value, list):
            parts = [self.value(part) for part in value]
            return [part for part, _ in parts], sum(places for _, places in parts)
        return self._object(value) if isinstance(value, dict) else (value, 0)

    def _object(self, values: dict[str, Any]) -> tuple[Any, int]:
        masked: dict[str, Any] = {}
        total = 0
        for key, value in values.items():
            name, places_of_name = self._mask(key, PROSE)
            shown, places = self._field(values, key, value)
            # Two fields never become one.
            masked[name if name not in masked and name not in values else key] = shown
            total += places + places_of_name
        return masked, total

    def _field(self, values: dict[str, Any], key: str, value: Any) -> tuple[Any, int]:
        if key == "source" and values.get("cell_type") == "code":
            return self._source(value)
        # Pictures are encoded; only a drawing is text.
        is_picture = key.startswith("image/") and key != "image/svg+xml"
        return (value, 0) if is_picture else self.value(value)

    def _source(self, value: Any) -> tuple[Any, int]:
        if isinstance(value, str):
            return self._mask(value, self._code_name)
        if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
            return self.value(value)
        lines = "".join(value).splitlines(keepends=True)
        if lines != value:
            return self.value(value)
        text, places = self._mask("".join(value), self._code_name)
        return text.splitlines(keepends=True), places

"""A small project as a participant hands it in: several languages, a picture, a notebook, files of every kind."""

import io
import json
from collections.abc import Iterator, Mapping

from PIL import Image, ImageDraw

from learning_platform.snapshots.trees import File, Mode, Tree, tree_of

STARTER: Mapping[str, str] = {
    "README.md": "# Word counter\n\nCount the words of a text, and show the most frequent ones.\n",
    "Makefile": "test:\n\tpython -m pytest\n",
    "pyproject.toml": '[project]\nname = "words"\nversion = "0.1"\nrequires-python = ">=3.11"\n',
    "src/words/__init__.py": "",
    "src/words/count.py": """\"\"\"Count words.\"\"\"


def words_of(text):
    \"\"\"Return the words of a text.\"\"\"
    return text.split()


def most_frequent(text, number):
    \"\"\"Return the most frequent words with their counts.\"\"\"
    raise NotImplementedError
""",
    "src/words/report.py": "def report(counts):\n    for word, count in counts:\n        print(word, count)\n",
    "tests/test_count.py": "from words.count import words_of\n\n\ndef test_words():\n    assert words_of('a b')\n",
    "web/style.css": "body {\n  color: black;\n}\n",
    "notes.txt": "Remember to write tests.\n",
}
COUNT = """\"\"\"Count words.\"\"\"

from collections import Counter

SEPARATORS = ".,;:!?()"


def words_of(text: str) -> list[str]:
    \"\"\"Return the words of a text, in lower case and without punctuation.\"\"\"
    return [word.strip(SEPARATORS).lower() for word in text.split()]


def most_frequent(text: str, number: int = 10) -> list[tuple[str, int]]:
    \"\"\"Return the most frequent words with their counts.\"\"\"
    return Counter(words_of(text)).most_common(number)
"""
README = """# Word counter

Count the words of a text, and show the most frequent ones.

## How to run it

    python -m words < book.txt

![A chart](https://pictures.example/chart.png)

- [x] counts words
- [ ] knows about apostrophes
"""
SCRIPT = """// Draws a bar for each word.
export function draw(counts, target) {
  const most = Math.max(...counts.map(([, count]) => count));
  target.replaceChildren(...counts.map(([word, count]) => {
    const bar = document.createElement("div");
    bar.style.width = `${(100 * count) / most}%`;
    bar.textContent = `${word} (${count})`;
    return bar;
  }));
}
"""
RUST = """//! The same in Rust, to compare.
use std::collections::HashMap;

pub fn count(text: &str) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    counts
}
"""
TRICK = "def is_admin(level):\n    if level != 'user\u202e \u2066# for admins\u2069 \u2066':\n        return True\n"
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Frequencies\n", "How long is the *tail*?"]},
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "source": ["from words.count import most_frequent\n", "\n", "most_frequent('a b a')"],
            "outputs": [
                {
                    "output_type": "execute_result",
                    "data": {"text/plain": ["[('a', 2), ('b', 1)]"]},
                    "execution_count": 1,
                    "metadata": {},
                }
            ],
        },
    ],
    "metadata": {"kernelspec": {"language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
LONG = "".join(f"word_{number} = {number * number % 97}\n" for number in range(1200))


def starter() -> Tree:
    """Return what participants start from."""
    return tree_of(_file(path, text.encode()) for path, text in STARTER.items())


def project() -> Tree:
    """Return what was made of it."""
    return tree_of(_files())


def _files() -> Iterator[File]:
    changed = {
        "README.md": README,
        "src/words/count.py": COUNT,
        "src/words/output.py": STARTER["src/words/report.py"].replace(
            "print(word, count)", 'print(f"{count:5} {word}")'
        ),
        "src/words/table.py": LONG,
        "src/words/access.py": TRICK,
        "src/lib.rs": RUST,
        "web/app.js": SCRIPT,
        "web/style.css": "body {\n  color: #222;\n  font: 1rem sans-serif;\n}\n",
        "web/package-lock.json": json.dumps({"packages": {f"p{n}": {"version": "1.0"} for n in range(50)}}, indent=2),
        "analysis/frequencies.ipynb": json.dumps(NOTEBOOK, indent=1) + "\n",
        "web/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>\n',
    }
    for path in ("Makefile", "pyproject.toml", "src/words/__init__.py", "tests/test_count.py"):
        yield _file(path, STARTER[path].encode())
    for path, text in changed.items():
        yield _file(path, text.encode())
    yield _file("web/chart.png", _chart())
    yield _file("data/words.db", b"SQLite format 3\0" + bytes(range(256)) * 8)
    yield _file("data/windows.csv", "слово,число\r\nи,12\r\n".encode())
    yield _file("data/old.txt", "Привет\n".encode("utf-16"))
    yield _file("run.sh", b"#!/bin/sh\nexec python -m words\n", mode="100755")
    yield _file("latest", b"src/words/count.py", mode="120000")
    yield _file("model.bin", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 123456\n")
    yield File("data/book.txt", "100644", None, 3_400_000)


def _file(path: str, content: bytes, *, mode: Mode = "100644") -> File:
    return File(path, mode, content, len(content))


def _chart() -> bytes:
    picture = Image.new("RGB", (360, 180), "white")
    drawing = ImageDraw.Draw(picture)
    for number, height in enumerate((150, 110, 80, 60, 45, 30)):
        drawing.rectangle((20 + 55 * number, 170 - height, 60 + 55 * number, 170), fill=(11, 110, 105))
    saved = io.BytesIO()
    picture.save(saved, "PNG")
    return saved.getvalue()

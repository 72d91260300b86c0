"""The English tracks of the demo school."""

from learning_platform.demo.rubrics import ENGLISH_CODE, ENGLISH_TEXT
from learning_platform.tracks.actions import AssignmentDraft, TrackDraft
from learning_platform.tracks.details import Details

COMMAND_LINE = TrackDraft(
    title="Command-line tools in Python",
    description="""\
From a script that works on your machine to a tool that others install and trust.

You need to know Python's basics: functions, lists, dictionaries, files. Three assignments, three days each, then two
days for reviewing three colleagues.
""",
    details=Details("en", "beginner", ["python", "command line"], 6),
    required_participants=9,
    review_hours=48,
    iteration_hours=48,
    criteria=ENGLISH_CODE,
    assignments=[
        AssignmentDraft(
            "Word count",
            """\
Write `wc`, the Unix word counter, in Python.

- `python -m wc notes.txt` prints the number of lines, words and bytes.
- Several files give a line each and a total.
- Without a file it reads standard input, so `cat notes.txt | python -m wc` works.

```console
$ python -m wc notes.txt
      12      87     512 notes.txt
```

Use only the standard library. Think of files that are not valid UTF-8, and of files that do not exist.
""",
            72,
        ),
        AssignmentDraft(
            "Find duplicates",
            """\
A tool that walks a folder and prints groups of files with the same content.

1. Compare sizes first and read contents only when sizes agree.
2. Do not follow symbolic links.
3. Offer `--minimum-size` and `--json`.

**Say in the README** how long it takes for a folder of your own with at least 10,000 files.
""",
            72,
        ),
        AssignmentDraft(
            "Make it installable",
            """\
Turn either of your tools into a package that anybody can install with `pip install git+https://…`.

- `pyproject.toml` with an entry point, so that the command exists after installation
- `--help` that a stranger understands
- a changelog, and a version that the command prints
- tests that run in a continuous integration of your choice
""",
            72,
        ),
    ],
)
HTTP_APIS = TrackDraft(
    title="HTTP APIs people like to use",
    description="""\
Design, build and document a small service. The language is yours to choose; the reviewers will call it with `curl`.

We care about names, status codes and error messages as much as about code.
""",
    details=Details("en", "intermediate", ["python", "http", "api design"], 8),
    required_participants=10,
    review_hours=48,
    iteration_hours=144,
    criteria=ENGLISH_CODE,
    assignments=[
        AssignmentDraft(
            "A bookshelf",
            """\
An API for a shelf of books: list, add, change, remove.

| request | answer |
|---|---|
| `GET /books` | 200, an array |
| `POST /books` | 201 and `Location` |
| `GET /books/{id}` | 200 or 404 |
| `DELETE /books/{id}` | 204, also the second time |

Keep the books in memory or in SQLite. Every error must say what is wrong *and what to do about it*.
""",
            96,
        ),
        AssignmentDraft(
            "Pages and filters",
            """\
The shelf has grown to 100,000 books.

- `GET /books?author=…&after=…&limit=…` answers in under 50 ms
- the answer links to its next page
- a wrong parameter is refused, not ignored

Measure before and after, and put both numbers into the README.
""",
            96,
        ),
        AssignmentDraft(
            "Two people, one book",
            """\
Two librarians change the same book at the same time. No change may be lost silently.

Use `ETag` and `If-Match`, or explain in the README why something else is better. Write a test that fails without it.
""",
            96,
        ),
    ],
)
GIT = TrackDraft(
    title="Git without fear",
    description="Small repositories, real accidents. After this track nothing in `git reflog` will frighten you.",
    details=Details("en", "beginner", ["git"], 3),
    required_participants=7,
    review_hours=36,
    criteria=ENGLISH_TEXT,
    assignments=[
        AssignmentDraft(
            "Write a story",
            """\
Take a change of at least 100 lines that you made in one go and split it into commits that a reader can follow.

Each commit must build on its own, and its message must say **why**. Hand in the link to the branch.
""",
            60,
        ),
        AssignmentDraft(
            "Find the culprit",
            """\
A test fails today and passed a month ago. Find the commit with `git bisect run`, and write down how.

```sh
git bisect start HEAD v1.4
git bisect run ./check.sh
```

Use the repository of a project you know, or break one of your own in the middle of fifty commits.
""",
            72,
        ),
        AssignmentDraft(
            "Undo everything",
            """\
Ten accidents, ten ways out: a wrong branch, a lost stash, a merge too early, a password in the history…

Write a page for each of at least five, with commands that a colleague can paste.
""",
            72,
        ),
    ],
)
RUST = TrackDraft(
    title="Rust for the curious",
    description="Ownership, enums and fearless refactoring in four evenings. You know another language well.",
    details=Details("en", "intermediate", ["rust"], 5),
    required_participants=6,
    review_hours=48,
    criteria=ENGLISH_CODE,
    assignments=[
        AssignmentDraft("Guess the number", "The game from the Rust book, but with tests and a `--seed` option.", 72),
        AssignmentDraft("A calculator", "Parse and evaluate `2 * (3 + 4)`. No `unwrap()` outside tests.", 96),
        AssignmentDraft("Grep, in parallel", "Search a folder with all cores. Compare with `grep -r`.", 96),
    ],
)
TESTING = TrackDraft(
    title="Tests that explain themselves",
    description="Less mocking, better names, failures that explain themselves. Bring a project of your own.",
    details=Details("en", "advanced", ["testing", "refactoring"], 4),
    required_participants=3,
    review_hours=24,
    criteria=ENGLISH_CODE,
    assignments=[
        AssignmentDraft("Names are sentences", "Rename every test of a module so that its name states a fact.", 48),
        AssignmentDraft("Break it on purpose", "Mutate your code by hand. Which tests do not notice? Fix them.", 72),
    ],
)
FAST = TrackDraft(
    title="A track in five minutes",
    description="To watch a whole track go by: a minute to hand in, a minute to review, twice.",
    required_participants=3,
    review_hours=1 / 60,
    criteria=ENGLISH_TEXT,
    assignments=[
        AssignmentDraft("Hello", "Hand in any link, `https://github.com/alice/hello` for example.", 1 / 60),
        AssignmentDraft("Goodbye", "And another one.", 1 / 60),
    ],
)

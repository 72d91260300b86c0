"""Whatever people write: pages answer, and no other user waits. Figures: `python -m benchmarks hostile_texts`."""

import ast
import asyncio
import functools
import time
from collections import deque
from collections.abc import Awaitable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import pytest
from jinja2 import Environment, nodes
from pygments.lexers import get_all_lexers

from learning_platform.core.cpu_limit import CpuBudget
from learning_platform.core.settings import PROJECT
from learning_platform.core.workers import Workers
from learning_platform.web.texts import markdown
from learning_platform.web.texts.formatted_text import MODULES
from learning_platform.web.texts.highlighting import highlighted
from learning_platform.web.texts.markdown import MAX_SHORT_TEXT_LENGTH, Kind, rendered
from tests.full_class import full_class
from tests.hostile.texts import HOSTILE, MARKDOWN, UNITS, code, repeated
from tests.people import School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
SOURCES = PROJECT / "learning_platform"
# Where a template shows Markdown, and what `full_class` writes there. A new place needs a line here, and
# has the page visited by `FullClass.pages`.
SHOWN = {
    ("assignment.html", "assignment.description"): "assignment text 1",
    ("assignment.html", "each.text"): "diary",
    ("assignment.html", "submitted.comment"): "submission",
    ("board_appeals.html", "each.settlement"): "settlement",
    ("board_people.html", "each.reason"): "removal",
    ("board_appeals.html", "each.text"): "appeal",
    ("board_extensions.html", "each.reason"): "extension",
    ("board_returns.html", "each.comment"): "return",
    ("board_submission.html", "received.appeal.settlement"): "settlement",
    ("board_submission.html", "received.appeal.text"): "appeal",
    ("board_submission.html", "submission.comment"): "submission",
    ("board_reported.html", "each.text"): "comment",
    ("code_threads.html", "message.text"): "comment",
    ("code_threads.html", "thread.comment.text"): "draft",
    ("components.html", "track.description"): "track text",
    ("feedback_parts.html", "received.appeal.settlement"): "settlement",
    ("feedback_parts.html", "received.appeal.text"): "appeal",
    ("feedback_parts.html", "review.comment"): "review",
    ("invitation.html", "track.description"): "track text",
    ("question.html", "post.text"): "question",
    ("removal.html", "removal.reason"): "removal",
    ("scores.html", "reason.text"): "score",
    ("scores.html", "review.comment"): "review",
    ("scores.html", "score.comment"): "score",
    ("review.html", "settled.settlement"): "settlement",
    ("review_form.html", "note"): "submission",
    ("track.html", "track.description"): "track text",
    ("track_rows.html", "form[name]"): "track text",
    ("track_preview.html", "each.description"): "assignment text 1",
    ("track_preview.html", "track.description"): "track text",
}
FILTERS = {"markdown", "note", "excerpt"}
# The macro that shows what it is given, and where it does.
MACRO, ITS_OWN = "folded_text", ("code_threads.html", "text")
# Of the largest size, one unit each: enough for a lexer that takes long to be cut short.
CODE_LENGTH, CUT_SHORT_SECONDS, UNITS_EACH = 20_000, 0.003, 5
# A lexer that does not let itself be interrupted is killed after a second; this is how long a busy machine may take.
PATIENCE_SECONDS = 60.0


def _written(node: nodes.Node | None) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem):
        return f"{_written(node.node)}[{_written(node.arg)}]"
    if isinstance(node, nodes.Filter):
        return _written(node.node)
    if isinstance(node, nodes.Or):
        return _written(node.left)
    assert isinstance(node, nodes.Name)
    return node.name


def _called(node: nodes.Expr) -> str:
    return node.attr if isinstance(node, nodes.Getattr) else node.name if isinstance(node, nodes.Name) else ""


def shown_in_templates() -> set[tuple[str, str]]:
    """Return every use of Markdown in a template: its file and the value that is shown."""
    parser = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    found = set()
    for path in sorted((SOURCES / "web" / "pages" / "templates").rglob("*.html")):
        template = parser.parse(path.read_text())
        found |= {(path.name, _written(use.node)) for use in template.find_all(nodes.Filter) if use.name in FILTERS}
        calls = template.find_all(nodes.Call)
        found |= {(path.name, _written(call.args[0])) for call in calls if _called(call.node) == MACRO}
    return found - {ITS_OWN}


def imports_of(path: Path) -> set[str]:
    """Return the modules a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def importers_of(*modules: str) -> set[str]:
    return {
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        if any(name == module or name.startswith(f"{module}.") for name in imports_of(path) for module in modules)
    }


def test_every_use_of_markdown_is_known() -> None:
    assert shown_in_templates() == set(SHOWN)


def test_markdown_and_code_are_formatted_in_one_place_only() -> None:
    # Masking reads code in the workers; the names of languages need no lexer to run.
    assert importers_of("pygments") == {
        "snapshots/kinds.py",
        "snapshots/masking/segments.py",
        "web/texts/highlighting.py",
    }
    assert importers_of("markdown_it", "mdit_py_plugins", "nh3") <= {
        "web/texts/markdown.py",
        "web/texts/markdown_rules.py",
    }
    assert importers_of("learning_platform.web.texts.highlighting") == {
        "web/texts/highlighted_code.py",
        "web/texts/markdown.py",
    }
    assert importers_of("learning_platform.web.texts.markdown") == {"web/texts/formatted_text.py"}


@pytest.mark.parametrize("turn", range(-(-len(HOSTILE) // len(set(SHOWN.values())))))
async def test_a_hostile_text_in_every_field_delays_no_other_user(
    school: School, monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    in_this_process: list[tuple[int, dict[str, Any]]] = []

    @functools.wraps(rendered)
    def watched(kind: Kind, text: str, anchor: str, **options: Any) -> str:
        in_this_process.append((len(text), options))
        return rendered(kind, text, anchor, **options)

    monkeypatch.setattr(markdown, "rendered", watched)
    patterns = deque(HOSTILE.values())
    patterns.rotate(-turn * len(set(SHOWN.values())))
    written: dict[str, tuple[str, str]] = {}

    def write(field: str, most: int) -> str:
        # Each field begins with a word of its own, by which it is found on pages.
        if field not in written:
            word = f"field{len(written)}x"
            text = patterns[len(set(written) & set(SHOWN.values())) % len(patterns)](most - 20)
            written[field] = word, f"{word}\n\n{text}" if field in SHOWN.values() else word
        return written[field][1]

    world = await full_class(school, write)
    seen: set[str] = set()
    for person, path in world.pages():
        response = await signed_in(school, person).get(path)
        assert response.status_code == 200, path
        seen |= {field for field, (word, _) in written.items() if word in response.text}
    assert seen >= set(SHOWN.values())
    assert [length for length, _ in in_this_process if length > MAX_SHORT_TEXT_LENGTH] == []
    assert [options for _, options in in_this_process if options["highlights"]] == []


def rendering_seconds(kind: Kind, text: str) -> float:
    """Return the processor time of a text: the least of three, since a collection of garbage may fall into one."""
    times = []
    for _ in range(3):
        began = time.process_time()
        rendered(kind, text, "x", highlights=False)
        times.append(time.process_time() - began)
    return min(times)


def longest_of_short_texts() -> tuple[float, str]:
    """Return the longest time that a text may take which is rendered where others wait, and which one it was."""
    return max(
        (rendering_seconds(kind, text), f"{kind}: {name}")
        for name, pattern in MARKDOWN.items()
        for kind in get_args(Kind)
        if markdown.is_short(text := pattern(MAX_SHORT_TEXT_LENGTH))
    )


def test_a_short_text_takes_a_short_time() -> None:
    # In quiet it is 0.012 s.
    seconds, which = longest_of_short_texts()
    assert seconds < 0.2, which


def cut_short(language: str, units: Sequence[str]) -> float:
    """Have a lexer read hostile code; return the longest processor time it took before it let go."""
    longest = 0.0
    for unit in units:
        began = time.process_time()
        highlighted(repeated(unit, CODE_LENGTH), language, CpuBudget(CUT_SHORT_SECONDS))
        longest = max(longest, time.process_time() - began)
    return longest


async def test_every_lexer_lets_go_when_its_time_is_over() -> None:
    """Each reads a few kinds of hostile code, another few than the one before; the benchmark has them all."""
    workers = Workers(size=2, modules=MODULES)
    languages = [aliases[0] for _, aliases, _, _ in get_all_lexers(plugins=False) if aliases]
    assert len(languages) > 500
    units = deque(UNITS)
    tasks: list[Awaitable[float]] = []
    for language in languages:
        tasks.append(workers.run(cut_short, language, list(islice(units, UNITS_EACH)), seconds=PATIENCE_SECONDS))
        units.rotate(-UNITS_EACH)
    taken = await asyncio.gather(*tasks)
    await workers.close()
    assert {language: seconds for language, seconds in zip(languages, taken, strict=True) if seconds > 1} == {}


@pytest.mark.parametrize("language", ["rst", "c"])
async def test_a_slow_lexer_leaves_the_text_readable(language: str) -> None:
    workers = Workers(size=1, modules=MODULES)
    text = "before\n\n" + code(language, " \n")(20_000) + "\n\n**after**"
    html = await workers.run(rendered, "note", text, "x", seconds=PATIENCE_SECONDS)
    await workers.close()
    assert "<strong>after</strong>" in html

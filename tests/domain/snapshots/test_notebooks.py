"""Whatever calls itself a notebook becomes cells with the lines that they stand in, or none."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_platform.snapshots.notebooks import (
    MAX_CELLS,
    MAX_CHARACTERS,
    MAX_OUTPUT_CHARACTERS,
    MAX_OUTPUTS,
    Cell,
    Notebook,
    Output,
    notebook_in,
    notebook_of,
    picture_in,
)

PIXEL = "iVBORw0KGgo="
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
# Wrong types in every place, beside right ones.
TEXT = st.text() | st.lists(st.text(), max_size=3)
OUTPUTS = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "execute_result", "display_data"]) | JSON},
    optional={
        "text": TEXT | JSON,
        "traceback": TEXT | JSON,
        "ename": st.text(),
        "data": JSON
        | st.dictionaries(st.sampled_from(["text/plain", "image/png", "text/html", "\ud800"]), TEXT | JSON),
    },
)
CELLS = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["markdown", "code", "raw"]), "source": TEXT},
    optional={"outputs": st.lists(OUTPUTS, max_size=3) | JSON, "execution_count": st.integers() | JSON},
)
NOTEBOOKS = st.fixed_dictionaries(
    {"cells": st.lists(CELLS | JSON, max_size=4) | JSON}, optional={"metadata": JSON, "nbformat": JSON}
)


def written(*cells: object, **fields: object) -> str:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, **fields}, indent=1) + "\n"


def code(*outputs: object, source: object = "x") -> dict[str, object]:
    return {"cell_type": "code", "execution_count": 7, "metadata": {}, "source": source, "outputs": outputs}


def shown(*outputs: object) -> tuple[Output, ...]:
    found = notebook_in(written(code(*outputs)))
    assert found is not None
    return found.cells[0].outputs


def test_cells_know_their_lines() -> None:
    text = written({"cell_type": "markdown", "metadata": {}, "source": ["# One\n", "two"]}, code(source="a\nb"))
    found = notebook_in(text)
    lines = text.split("\n")
    assert found == Notebook(
        "python",
        (Cell("markdown", "# One\ntwo", 3, 10), Cell("code", "a\nb", 11, 17, 7)),
    )
    assert '"# One\\n",' in lines[6]
    assert lines[10].strip() == "{"
    assert lines[16].strip() == "}"


@pytest.mark.parametrize(
    ("output", "wanted"),
    [
        ({"output_type": "stream", "text": ["a\n", "b"]}, Output("text", "a\nb")),
        ({"output_type": "stream", "text": "\x1b[0;31mred\x1b[0m"}, Output("text", "red")),
        ({"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["1", "2"]}, Output("error", "1\n2")),
        ({"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}, Output("error", "E: v")),
        ({"output_type": "display_data", "data": {"image/png": PIXEL, "text/plain": "<Figure>"}}, Output("picture")),
        ({"output_type": "display_data", "data": {"text/html": "<b>"}}, Output("not_shown", "text/html")),
        ({"output_type": "display_data", "data": {"image/svg+xml": "<svg>"}}, Output("not_shown", "image/svg+xml")),
        (
            {"output_type": "execute_result", "data": {"text/html": "<b>", "text/plain": "b"}},
            Output("text", "b", media_types=("text/html",)),
        ),
        ({"output_type": "script"}, Output("not_shown", "script")),
        (
            {"output_type": "stream", "text": "x" * MAX_OUTPUT_CHARACTERS * 3},
            Output("text", "x" * MAX_OUTPUT_CHARACTERS, is_cut=True),
        ),
    ],
)
def test_outputs_are_text_or_pictures(output: object, wanted: Output) -> None:
    assert shown(output) == (wanted,)


def test_outputs_that_are_too_many_are_counted() -> None:
    found = notebook_in(written(code(*[{"output_type": "stream", "text": "a"}] * (MAX_OUTPUTS + 2))))
    assert found is not None
    assert (len(found.cells[0].outputs), found.cells[0].left_out) == (MAX_OUTPUTS, 2)


def test_a_picture_is_found_by_its_place() -> None:
    picture = {"output_type": "display_data", "data": {"image/png": [PIXEL[:4] + "\n", PIXEL[4:]]}}
    drawing = {"output_type": "display_data", "data": {"image/svg+xml": "<svg>"}}
    text = written({"cell_type": "raw", "source": ""}, code(drawing, picture))
    assert picture_in(text, cell=1, output=1) == PIXEL
    for cell, output in ((0, 0), (1, 0), (1, 2), (2, 0)):
        assert picture_in(text, cell=cell, output=output) is None
    assert picture_in("[" * 100_000, cell=0, output=0) is None


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"language_info": {"name": "R"}, "kernelspec": {"language": "python"}}, "r"),
        ({"kernelspec": {"language": "julia"}}, "julia"),
        ({"language_info": {"name": 1}, "kernelspec": []}, "python"),
        ([], "python"),
        ({"language_info": {"name": "x" * 1000}}, "python"),
    ],
)
def test_the_language_is_the_one_of_the_kernel(metadata: object, language: str) -> None:
    found = notebook_in(written(code(), metadata=metadata))
    assert found is not None
    assert found.language == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"cells": []}',
        '{"cells": [1]}',
        '{"cells": {}, "nbformat": 4}',
        written(code())[:-20],
        written(code()) + "{}",
        written({"cell_type": "code", "source": "x"}),
        written({"cell_type": "other", "source": "x"}),
        written({"cell_type": "raw", "source": [1]}),
        written(code(1)),
        written(code({"output_type": "stream", "text": {}})),
        written(*[code()] * (MAX_CELLS + 1)),
        written(code(source="x" * (MAX_CHARACTERS + 1))),
        '{"cells": ' + "[" * 200_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '{"a": ' + "9" * 100_000 + "}",
        '{"worksheets": [{"cells": []}], "nbformat": 3}',
        '{"cells": [], "cells": []}',
        '{"cells" : [] ; }',
    ],
)
def test_what_is_no_notebook_has_no_cells(text: str) -> None:
    assert notebook_in(text) is None


@given(NOTEBOOKS | JSON, st.sampled_from([None, 0, 1]))
def test_anything_becomes_cells_or_none(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    found = notebook_in(text)
    if found is None:
        return
    assert notebook_of(orjson.loads(orjson.dumps(found))) == found
    assert len(found.cells) == len(value["cells"])
    lines = text.split("\n")
    for cell, source in zip(found.cells, value["cells"], strict=True):
        part = "\n".join(lines[cell.first_line - 1 : cell.last_line])
        if indent is not None:
            assert json.loads(part.strip().rstrip(",")) == json.loads(json.dumps(source))
        else:
            assert (cell.first_line, cell.last_line) == (1, 1)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    notebook_in(text)
    notebook_in('{"cells": [' + text)
    picture_in(text, cell=0, output=0)

"""Tables as a spreadsheet program reads them."""

import csv
import io
from collections.abc import Sequence

import pytest
from openpyxl import load_workbook

from learning_platform.core.languages import Language
from learning_platform.web.exports.spreadsheets import Cell, Workbook
from learning_platform.web.exports.streamed_csv import csv_text
from tests.domain.reviews.scene import reviewing
from tests.people import School

# What a spreadsheet program makes a number, a formula, a date or a link of, when it has to guess.
AWKWARD_TEXTS = ("001276", "8e348", "-x", "=1+1", "+7", "@name", "1-2", "1/2", "TRUE", "http://x.example", "Ёж", "a;b")


def _workbook(*rows: Sequence[Cell]) -> bytes:
    file = io.BytesIO()
    book = Workbook(file, title="Results")
    book.write([[f"column {number}" for number in range(len(rows[0]))]])
    book.write(rows)
    book.close()
    return file.getvalue()


def _read_xlsx(content: bytes) -> list[list[object]]:
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_a_workbook_keeps_every_text_as_it_is() -> None:
    sheet = load_workbook(io.BytesIO(_workbook(AWKWARD_TEXTS))).active
    assert sheet is not None

    cells = next(iter(sheet.iter_rows(min_row=2)))

    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s") for text in AWKWARD_TEXTS]


def test_a_workbook_holds_numbers_answers_and_blanks() -> None:
    assert _read_xlsx(_workbook([1, 83.33, True, None]))[1] == [1, 83.33, True, None]


@pytest.mark.parametrize(
    ("language", "delimiter", "expected"),
    [("en", ",", ["83.33", "yes", "no", "", "a;b"]), ("ru", ";", ["83,33", "да", "нет", "", "a;b"])],
)
def test_csv_is_written_the_way_its_reader_writes(language: Language, delimiter: str, expected: list[str]) -> None:
    text = csv_text([[83.33, True, False, None, "a;b"]], language)

    *_, row = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)

    assert row == expected


@pytest.mark.parametrize("way", ["?format=xlsx", ""])
async def test_results_come_as_a_workbook_too(school: School, way: str) -> None:
    scene = await reviewing(school, 3)
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    response = await scene.author.get(
        f"/tracks/{scene.track_id}/results{way}",
        headers={"Accept": "application/json" if way else media_type, "Accept-Language": "ru"},
    )

    assert response.headers["content-type"] == media_type
    head, *rows = _read_xlsx(response.content)
    assert head[:2] == ["Имя пользователя", "Покинул трек"]
    assert [row[0] for row in rows] == [person.username for person in scene.people]
    assert [row[2] for row in rows] == [True, True, True]


async def test_a_russian_reader_gets_russian_csv(school: School) -> None:
    scene = await reviewing(school, 3)

    response = await scene.author.get(f"/tracks/{scene.track_id}/results?format=csv", headers={"Accept-Language": "ru"})

    assert response.text.removeprefix("\ufeff").startswith("Имя пользователя;Покинул трек;")

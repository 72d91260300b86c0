"""Results and board as files: CSV is sent while it is read, a workbook when it has been written to a file."""

from fastapi import Response

from learning_platform.web.exports.results_table import ResultsExport
from learning_platform.web.exports.spreadsheets import TableFormat
from learning_platform.web.exports.streamed_csv import StreamedTable
from learning_platform.web.exports.workbooks import SentWorkbook
from learning_platform.web.services import Services


def table_response(
    services: Services, export: ResultsExport, format: TableFormat, *, has_byte_order_mark: bool
) -> Response:
    """Answer with the results. Whether the reader may see them has been checked."""
    name = f"track-{export.access.track_id}-results"
    if format == "xlsx":
        return SentWorkbook(services.database, export, name=name)
    return StreamedTable(
        services.database,
        export.results,
        language=export.language,
        name=name,
        has_byte_order_mark=has_byte_order_mark,
    )


def board_csv(services: Services, export: ResultsExport, *, has_byte_order_mark: bool) -> Response:
    """Answer with the board. Whether the reader may see it has been checked."""
    return StreamedTable(
        services.database,
        export.board,
        language=export.language,
        name=f"track-{export.access.track_id}-board",
        has_byte_order_mark=has_byte_order_mark,
    )

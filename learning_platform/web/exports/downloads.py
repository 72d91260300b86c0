"""Results and board as files: a workbook is made whole, CSV is sent while it is read."""

from fastapi import Response

from learning_platform.core.database import Connection
from learning_platform.web.exports.results_table import ResultsExport, results_workbook
from learning_platform.web.exports.spreadsheets import TableFormat
from learning_platform.web.exports.streamed_csv import StreamedTable
from learning_platform.web.services import Services


async def table_response(
    services: Services, db: Connection, export: ResultsExport, format: TableFormat, *, has_byte_order_mark: bool
) -> Response:
    """Answer with the results. Whether the reader may see them has been checked."""
    name = f"track-{export.access.track_id}-results"
    if format == "xlsx":
        return await results_workbook(db, export, name=name)
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

"""Tables of ratios."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing measured against what is asked of it."""

    name: str
    value: float
    target: float | None = None
    better: Literal["more", "less"] = "more"
    unit: str = ""
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Say whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.better == "more" else self.value <= self.target

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the row of the table."""
        sign = "≥" if self.better == "more" else "≤"
        target = "" if self.target is None else f"{sign} {self.target:g}{self.unit}"
        mark = {True: "yes", False: "NO", None: ""}[self.holds]
        return self.name, f"{self.value:.3g}{self.unit}", target, mark, self.note


def show(title: str, verdicts: Sequence[Verdict]) -> bool:
    """Print a table; return whether every target is reached."""
    head = ("", "measured", "target", "reached", "")
    rows = [head, *(verdict.cells for verdict in verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    print(f"\n{title}")
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return all(verdict.holds is not False for verdict in verdicts)

"""Tasks of worker processes: files with what is hidden in them. Their arguments and results travel as JSON."""

from collections.abc import Sequence
from functools import lru_cache

from learning_platform.core.cpu_limit import CpuBudget
from learning_platform.snapshots.masking.mask import Mask, mask_of
from learning_platform.snapshots.masking.terms import Terms

# For separating code from prose in all files of one task; what it does not suffice for is taken for prose.
LEXING_SECONDS = 1.5


def masked_texts(terms: Sequence[Sequence[str]], files: Sequence[tuple[str, str]]) -> list[tuple[str, int]]:
    """Return the texts of files, given as (path, content), as reviewers see them, each with its hidden places."""
    mask = _mask(tuple(tuple(part) for part in terms))
    budget = CpuBudget(LEXING_SECONDS)
    return [mask.text_and_places(content, path, budget) for path, content in files]


@lru_cache(maxsize=16)
def _mask(terms: tuple[tuple[str, ...], ...]) -> Mask:
    return mask_of(Terms(*terms))

"""Tasks of worker processes: files with what is hidden in them. Their arguments and results travel as JSON."""

from collections.abc import Sequence
from functools import lru_cache

from learning_platform.core.cpu_limit import CpuBudget
from learning_platform.snapshots.masking.mask import Mask, mask_of
from learning_platform.snapshots.masking.terms import Terms

# Separating code from prose takes 2 µs of processor time per character. What this does not suffice for in the files of
# one task is taken for prose.
LEXING_SECONDS_PER_CHARACTER = 8e-6
MIN_LEXING_SECONDS, MAX_LEXING_SECONDS = 0.3, 1.5


def masked_texts(terms: Sequence[Sequence[str]], files: Sequence[tuple[str, str]]) -> list[tuple[str, int]]:
    """Return the texts of files, given as (path, content), as reviewers see them, each with its hidden places."""
    mask = _mask(tuple(tuple(part) for part in terms))
    characters = sum(len(content) for _, content in files)
    seconds = max(MIN_LEXING_SECONDS, min(MAX_LEXING_SECONDS, characters * LEXING_SECONDS_PER_CHARACTER))
    budget = CpuBudget(seconds)
    return [mask.text_and_places(content, path, budget) for path, content in files]


@lru_cache(maxsize=16)
def _mask(terms: tuple[tuple[str, ...], ...]) -> Mask:
    return mask_of(Terms(*terms))

"""Links that people write without Markdown's brackets: `https://…`, `www.…` and e-mail addresses."""

import re

from linkify_it import LinkifyIt  # type: ignore[import-untyped]  # It has no types.
from linkify_it.main import Match  # type: ignore[import-untyped]  # It has no types.

# No address is longer. Looking for links in a longer run of characters takes time by the square of its length.
MAX_RUN_LENGTH = 2000
MAY_BE_LINK = re.compile(r"://|www\.", re.IGNORECASE)


class BareLinks(LinkifyIt):  # type: ignore[misc]  # Without types.
    """Finds addresses that say they are some. `main.py` and `README.md` end like domains of countries and are none."""

    def __init__(self) -> None:
        www = {"validate": self.length_after_www, "normalize": self.complete}
        super().__init__({"www.": www, "//": None, "ftp:": None}, {"fuzzy_link": False})

    def length_after_www(self, text: str, position: int) -> int:
        """Return how many characters after `www.` belong to the address."""
        found = re.compile(self.re["src_host_port_strict"] + self.re["src_path"], re.IGNORECASE).match(text, position)
        return len(found.group()) if found and "." in found.group() else 0

    def complete(self, match: Match) -> None:
        """Give an address the scheme it was written without."""
        match.url = f"http://{match.url}"


def is_cheap_to_search(text: str) -> bool:
    """Say whether looking for links in a text takes time in proportion to its length."""
    return all(len(run) <= MAX_RUN_LENGTH or not MAY_BE_LINK.search(run) for run in text.split())

"""The commands of the READMEs, and the statuses that they announce."""

import re
from collections import defaultdict
from itertools import pairwise

from learning_platform.core.settings import PROJECT

READMES = ["README.md", "README.ru.md"]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(^|\s+)#(?= ).*$", re.MULTILINE)
CALL = re.compile(r"curl [^|;]*?\$URL(/[^\s\"?]*)")
METHOD = re.compile(r"-X (\w+)")
HAS_BODY = re.compile(r"--json|\s-[dF] ")
STATUS = re.compile(r"#\s+(\d{3})\b")
VARIABLE = re.compile(r"\$\w+|\{\w+\}|(?<=/)\d+(?=/|$)")

Endpoint = tuple[str, str]


def shell(readme: str) -> str:
    """Return everything a README says in blocks for the shell."""
    return "\n".join(BLOCK.findall((PROJECT / readme).read_text()))


def commands(readme: str) -> str:
    """Return the commands alone."""
    lines = COMMENT.sub("", shell(readme)).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


def documented_statuses(readme: str) -> dict[Endpoint, set[int]]:
    """Return every endpoint that is called, with the statuses that the README announces."""
    text = shell(readme).replace("\\\n", " ")
    starts = [match.start() for match in re.finditer(r"\bcurl ", text)]
    statuses: defaultdict[Endpoint, set[int]] = defaultdict(set)
    for start, end in pairwise([*starts, len(text)]):
        call = CALL.match(text[start:end])
        if call is not None:
            status = STATUS.search(text[start:end])
            statuses[_method(COMMENT.sub("", text[start:end])), as_template(call[1])] |= (
                {int(status[1])} if status else set()
            )
    return dict(statuses)


def as_template(path: str) -> str:
    """Return a path with the same sign in the place of every id."""
    return VARIABLE.sub("*", path)


def _method(call: str) -> str:
    explicit = METHOD.search(call)
    if explicit is not None:
        return explicit[1]
    return "POST" if HAS_BODY.search(call) else "GET"

"""Everything, one part after another: `python -m benchmarks`, or `python -m benchmarks sockets growth`."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable

from benchmarks import (
    board,
    claims,
    claims_over_http,
    code_page,
    compare,
    deadlines,
    growth,
    hostile_code,
    hostile_hand_ins,
    hostile_texts,
    lateness,
    links,
    pushes,
    requests,
    sign_in,
    sockets,
    start,
    stored_code,
)

# Turns and seconds are such that all of it takes less than ten minutes, once the databases are filled.
PARTS: dict[str, Callable[[], Awaitable[bool]]] = {
    "requests": lambda: requests.main(seconds=1),
    "compare": lambda: compare.main(rounds=5),
    "sockets": sockets.main,
    "lateness": lateness.main,
    "deadlines": deadlines.main,
    "claims": claims.main,
    "claims_over_http": claims_over_http.main,
    "sign_in": sign_in.main,
    "pushes": pushes.main,
    "code_page": code_page.main,
    "board": board.main,
    "stored_code": stored_code.main,
    "hostile_hand_ins": hostile_hand_ins.main,
    "growth": growth.main,
    "links": links.main,
    "hostile_texts": hostile_texts.main,
    "hostile_code": hostile_code.main,
    "start": start.main,
}


async def main(names: list[str]) -> bool:
    """Run these parts; return whether every target is reached."""
    began_at, reached = time.monotonic(), {}
    for name in names:
        part_began_at = time.monotonic()
        reached[name] = await PARTS[name]()
        print(f"  ({name}: {time.monotonic() - part_began_at:.0f} s)", flush=True)
    missed = [name for name, is_reached in reached.items() if not is_reached]
    print(f"\n{time.monotonic() - began_at:.0f} s in all. Targets missed in: {', '.join(missed) or 'nothing'}.")
    return not missed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)} (default: all)")
    asked = parser.parse_args().parts or list(PARTS)
    if unknown := set(asked) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    raise SystemExit(0 if asyncio.run(main(asked)) else 1)

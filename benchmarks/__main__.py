"""Everything, one part after another: `python -m benchmarks`."""

import asyncio

from benchmarks import claims, requests


async def main() -> bool:
    """Run every part; return whether every target is reached."""
    return all([await requests.main(), await claims.main()])


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)

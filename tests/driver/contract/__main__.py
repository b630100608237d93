"""Records the contract, and shows where our sockets differ from it. In tests/driver:

    python -m contract record            run CPython's sockets on loopback, write cpython.json
    python -m contract record --check    the same, but only compare with the file
    python -m contract report            our differences
    python -m contract report --forced   the same with those a module forces
    python -m contract show SITUATION    one situation: CPython's outcomes and ours

`record` needs Linux: errnos and corner cases are Linux's. It takes about four minutes and uses
real time; the file does not depend on how busy the machine is.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / name) for name in ("lib", "tools", "tests")]

from driver.contract import table  # noqa: E402


def record(check: bool, only: list[str] | None) -> int:
    """Run the table over CPython's sockets."""
    from driver.contract.record import recorded

    found = recorded(only, progress=True)
    if not check:
        table.CPYTHON.write_text(table.as_json(table.nested(found)), encoding="utf-8")
        print(f"{len(found)} cells")
        return 0
    known = table.contract()
    different = [cell for cell in found if found[cell] != known.get(cell)]
    for cell in different:
        print(*cell, f"was {known.get(cell)!r}, is {found[cell]!r}", sep=" | ")
    print(f"{len(found)} cells, {len(different)} different")
    return 1 if different else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m contract",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("record")
    one.add_argument("--check", action="store_true")
    one.add_argument("--only", action="append", metavar="SITUATION")
    one = commands.add_parser("report")
    one.add_argument("--forced", action="store_true")
    one = commands.add_parser("show")
    one.add_argument("situation")
    options = parser.parse_args()
    if options.command == "record":
        return record(options.check, options.only)
    from driver.contract import report

    if options.command == "report":
        return report.differences(options.forced)
    return report.show(options.situation)


if __name__ == "__main__":
    sys.exit(main())

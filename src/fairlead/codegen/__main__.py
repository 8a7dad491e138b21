"""`python -m fairlead.codegen [--check] [--source DIR]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fairlead.codegen.outputs import differing, generate, write
from fairlead.codegen.release import ReleaseMissingError, find
from fairlead.codegen.sync_facade import facade


def main(arguments: list[str] | None = None) -> int:
    """Write the generated files, or with `--check` list those that differ and return 1."""
    parser = argparse.ArgumentParser(prog="python -m fairlead.codegen", description=main.__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; list files that differ, and exit 1 if any do"
    )
    parser.add_argument("--source", type=Path, metavar="DIR", help="directory of the k8s.io/kubernetes module")
    options = parser.parse_args(arguments)
    root = Path(__file__).parent.parent
    outputs = facade(root)
    missing = False
    try:
        outputs |= generate(find(options.source))
    except ReleaseMissingError as error:
        missing = True
        sys.stderr.write(f"fairlead.codegen: only fairlead.sync compared or written: {error}\n")
    changed = differing(root, outputs) if options.check else write(root, outputs)
    for name in changed:
        sys.stdout.write(f"{'differs' if options.check else 'written'}: {name}\n")
    return 1 if (changed if options.check else missing) else 0


if __name__ == "__main__":
    sys.exit(main())

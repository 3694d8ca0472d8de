"""Copies the test suite of the interpreter that runs this into a folder, under names that are no tests' to
cache-lint, and prints a line for each file: its new name, its own, and why the parser refuses it."""

import ast
import pathlib
import sys
import test
import warnings

warnings.simplefilter("ignore")
suite = pathlib.Path(test.__path__[0])
target = pathlib.Path(sys.argv[1])
for number, path in enumerate(sorted(suite.rglob("*.py"))):
    source = path.read_bytes()
    name = f"m{number:04}.py"
    (target / name).write_bytes(source)
    why = ""
    try:
        ast.parse(source, name)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = f"{type(error).__name__}: {error}"
    print(name, path.relative_to(suite).as_posix(), why, sep="\t")

"""Measures the rows of runs.txt, in turns, and writes the table of them: bench.py CACHE_LINT BIN [TREE]...

BIN is the folder of ruff, rg and semgrep. Each tree is a copy, so that what is edited or kept in it is nobody's.
"""

import hashlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import served
import tree

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"
TREES = HERE.parents[1] / "target/bench/trees"
README = HERE.parents[1] / "README.md"
MARKERS = ("<!-- bench: tests/bench/run.sh writes what follows -->\n", "<!-- bench ends -->\n")
KEPT = ".cache-lint_cache"
ROUNDS = 3
BY_DEFAULT = ("projects", "django-2000", "django-20000", "crates")
PATTERNS = ["-e", r"cache\.set\(", "-e", r"\.update\("]
FORMAT_ALL = """for manifest in */*/Cargo.toml; do cargo fmt --check --manifest-path "$manifest"; done"""
HEADER = "| tree | run | wall | CPU | memory | wall × | CPU × |\n|---|---|--:|--:|--:|--:|--:|\n"


def main(cache_lint, programs, *wanted):
    runs = [row for row in rows() if row[0] in (wanted or BY_DEFAULT)]
    commands = {
        "{cache-lint}": [cache_lint, "check", "--isolated", "--select", "ALL", "--quiet"],
        "{server}": ["env", "RAYON_NUM_THREADS=2", cache_lint, "server"],
        "{ruff-1}": ["env", "RAYON_NUM_THREADS=1", f"{programs}/ruff"],
        "{ruff-2}": ["env", "RAYON_NUM_THREADS=2", f"{programs}/ruff"],
        "{rg}": [f"{programs}/rg", "--type", "py", *PATTERNS],
        "{semgrep}": [
            *("env", f"SEMGREP_SETTINGS_FILE={TREES}/semgrep.yml", f"{programs}/semgrep", "scan"),
            *("--config", HERE / "patterns.yaml", "--metrics", "off"),
            *("--disable-version-check", "--no-git-ignore", "--quiet"),
        ],
        "{cargo-fmt}": ["sh", "-c", FORMAT_ALL],
    }
    lines = []
    for name in dict.fromkeys(name for name, *_ in runs):
        root = made(name)
        of_tree = [(row, before, filled(command, commands)) for at, row, before, command in runs if at == name]
        lines += measured(name, root, of_tree)
    table = HEADER + "".join(lines)
    print(table)
    if not wanted:
        write(table)


def rows():
    """Each row of runs.txt: the tree, the name, what is done before, the command."""
    text = (HERE / "runs.txt").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def filled(command, commands):
    return [str(part) for word in command.split() for part in commands.get(word, [word])]


def made(name):
    """The folder of a tree, written or copied where it is not there yet."""
    root = TREES / name
    stamp = TREES / f"{name}.stamp"
    files = name.removeprefix("django-")
    if files.isdigit():
        source = hashlib.sha256((HERE / "tree.py").read_bytes()).hexdigest()
    else:
        source = "".join(path.read_text() for path in sorted(CORPUS.glob("*.txt")))
    if not (stamp.exists() and stamp.read_text() == source):
        shutil.rmtree(root, ignore_errors=True)
        if files.isdigit():
            tree.write(root, int(files))
        else:
            shutil.copytree(CORPUS / name, root, ignore=shutil.ignore_patterns(KEPT))
        stamp.write_text(source)
    return root


def measured(name, root, of_tree):
    """Runs all rows of a tree in turns, and gives the lines of the table."""
    taken = {row: [] for row, _, _ in of_tree}
    first_file = min(root.rglob("models.py" if name != "crates" else "lib.rs"))
    original = first_file.read_bytes()
    shutil.rmtree(root / KEPT, ignore_errors=True)
    for turn in range(1 + ROUNDS):
        for row, before, command in of_tree:
            if before == "served":
                continue
            if before == "edited":
                first_file.write_bytes(original + b"\n" * (1 + turn))
            once = run(root, command)
            first_file.write_bytes(original)
            # The first one brings the files into memory, and has the answer kept.
            if turn > 0:
                taken[row].append(once)
    shutil.rmtree(root / KEPT, ignore_errors=True)
    # A server stays, so that it has its turns at the end.
    for row, command in [(row, command) for row, before, command in of_tree if before == "served"]:
        server = served.Server(command, root, first_file)
        taken[row] += [server.edit() for _ in range(1 + ROUNDS)][1:]
        server.close()
    middle = {row: [statistics.median(column) for column in zip(*runs)] for row, runs in taken.items()}
    base_wall, base_cpu, _ = next(iter(middle.values()))
    told = told_of(name, root)
    for row, (wall, cpu, memory) in middle.items():
        times = f"{wall:.2f} s | {cpu:.2f} s | {memory:.0f} MB | {wall / base_wall:.2f} | {cpu / base_cpu:.2f}"
        yield f"| {told} | {row} | {times} |\n"
        if name == "crates" and row == "cache-lint, 1 thread":
            lines = lines_of(root, "src/**/*.rs") / 1e6
            print(f"{row}: {lines / (cpu / 60):.1f} million lines of Rust a minute of a core")
        told = ""


def run(root, command):
    """Seconds on the clock, seconds of processors and peak megabytes of one run."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"failed: {' '.join(command)}\n{said.decode(errors='replace')}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def told_of(name, root):
    """A tree in a few words."""
    pattern = "*.rs" if name == "crates" else "*.py"
    kind = {"projects": "eight projects", "crates": "crates in Rust"}.get(name, "generated project")
    files = sum(1 for _ in root.rglob(pattern))
    return f"{kind}: {files:,} files, {lines_of(root, f'**/{pattern}') / 1e3:,.0f},000 lines"


def lines_of(root, pattern):
    return sum(path.read_bytes().count(b"\n") for path in root.glob(f"**/{pattern}"))


def write(table):
    """Puts the table between the markers of README.md."""
    text = README.read_text(encoding="utf-8")
    head, rest = text.split(MARKERS[0])
    README.write_text(head + MARKERS[0] + "\n" + table + "\n" + MARKERS[1] + rest.split(MARKERS[1])[1], encoding="utf-8")


main(*sys.argv[1:])

#!/usr/bin/env bash
# Compares cache-lint with `ruff check --select F` on the corpus: wall time, median of five
# alternating cold runs each, and peak memory. Not a gate: machines and their load differ.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
python=${PYTHON:-python3}
environment=target/speed
ruff_pin=ruff==0.17.5

if [[ ! -x $environment/bin/ruff || "$(<"$environment/pin")" != "$ruff_pin" ]]; then
    rm -rf -- "$environment"
    "$python" -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$ruff_pin" </dev/null
    printf '%s\n' "$ruff_pin" >"$environment/pin"
fi
tests/corpus/fetch.sh
cargo build --release --quiet

"$environment/bin/python" - target/release/cache-lint "$environment/bin/ruff" tests/corpus/projects <<'PYTHON'
import os
import statistics
import subprocess
import sys
import time

cache_lint, ruff, tree = map(os.path.abspath, sys.argv[1:])
commands = {
    "cache-lint": [cache_lint, "check", "--no-cache", "--isolated", "--select", "ALL", "--quiet"],
    "ruff": [ruff, "check", "--no-cache", "--isolated", "--select", "F", "--quiet"],
}


def run(command):
    """Seconds and peak kilobytes of one run."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=tree, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"failed: {' '.join(command)}")
    return seconds, usage.ru_maxrss


runs = {name: [] for name in commands}
for command in commands.values():
    run(command)  # so that the files are in memory for both
for _ in range(5):
    for name, command in commands.items():
        runs[name].append(run(command))

for name, measured in runs.items():
    seconds = statistics.median(seconds for seconds, _ in measured)
    print(f"{name:10}  {seconds:6.2f} s  {max(peak for _, peak in measured) // 1024:5} MB")
ours, theirs = (statistics.median(s for s, _ in runs[name]) for name in commands)
print(f"ratio       {ours / theirs:6.2f}")
PYTHON

"""The oracle: generated Django apps, run in Django, say whether cache-lint is right about them.

    tests/oracle/run.sh --seeds 0-199 [--jobs N] [-v] [--keep DIR]
    tests/oracle/run.sh --show SEED [--keep DIR]

For each seed a small app is drawn (`generate.py`) and each of its write paths is run on warm caches (`run.py`). Then
the findings of `cache-lint check --isolated --select ALL` must agree (`compare.py`): each stale path is explained by
a finding, and each finding is borne out by a stale path. One line is printed for each disagreement, with its seed.

Not counted as missed, but still bearing findings out: entries that live for a minute at most; entries with a timeout
that nothing means to drop; writes of the oracle's own that leave nothing stale but for the transaction it puts round
them, or that go through a proxy which the app never writes through; and, without `--strict`, signal paths tried by
the oracle alone where functions of the app write such rows and drop the entry themselves.

Seeds from 900000 on are kept unseen: run them at the end, for a figure, and never mend the engine after them.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

# Imported once; each app then gets a fork of this process.
import django.core.cache  # noqa: F401
import django.db.models  # noqa: F401

from compare import Comparison, Outcome
from generate import generate
from mending import Mended, mend
from run import run_app

ROOT = Path(__file__).resolve().parents[2]
SHARED_MEMORY = Path("/dev/shm")
SECONDS = 60


def write_app(files, folder):
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def findings_of(cache_lint, folder):
    command = [cache_lint, "check", ".", "--no-cache", "--isolated", "--select", "ALL", "--output-format", "json"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        raise RuntimeError(f"cache-lint: {run.stderr.strip()}")
    return json.loads(run.stdout)["diagnostics"]


def judge(seed, cache_lint, keep=None, strict=False):
    """Generates, runs and compares one app; returns its outcome and what it was drawn from."""
    files, manifest = generate(seed)
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as scratch:
        folder = Path(keep) / str(seed) if keep else Path(scratch) / "app"
        write_app(files, folder)
        findings = findings_of(cache_lint, folder)
        records = run_app(folder, Path(scratch), manifest)
    comparison = Comparison(files, manifest, findings, records, strict)
    return comparison.outcome(), comparison


def judge_in_fork(task):
    """One app in a process that is its own; an app that fails to start is an error of the generator."""
    seed = task[0]
    signal.alarm(SECONDS)
    try:
        return judge(*task)[0]
    except Exception:
        return Outcome(seed, errors=[traceback.format_exc(limit=-2).strip().replace("\n", " | ")])


def mend_in_fork(task):
    """One app that is fixed and run again, in a process that is its own."""
    seed, cache_lint, keep, _ = task
    signal.alarm(2 * SECONDS)
    try:
        files, manifest = generate(seed)
        with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as scratch:
            folder = Path(keep) / str(seed) if keep else Path(scratch) / "app"
            write_app(files, folder)
            return mend(seed, files, manifest, folder, Path(scratch), cache_lint, findings_of)
    except Exception:
        return Mended(seed, errors=[traceback.format_exc(limit=-2).strip().replace("\n", " | ")])


def summary_of_fixes(outcomes, seconds):
    """Prints the totals; returns the part of the stale paths that are fresh, and whether nothing got worse."""
    findings, left, stays = sum(o.findings for o in outcomes), Counter(), Counter()
    for outcome in outcomes:
        left.update(outcome.left)
        stays.update(outcome.stays)
    stale, fresh = sum(o.stale for o in outcomes), sum(o.fresh for o in outcomes)
    worse = [line for o in outcomes for line in o.disagreements if not line.startswith("still")]
    print(f"{len(outcomes)} apps fixed in {seconds:.0f} s")
    print(f"{findings} findings of rules with fixes, {findings - left.total()} fixed; left: {dict(sorted(left.items()))}")
    print(f"stale paths whose findings are gone: {fresh} of {stale} are fresh")
    known, mended = sum(o.all_stale for o in outcomes), sum(o.all_fresh for o in outcomes)
    print(f"stale paths of rules with fixes, fixed or not: {mended} of {known} are fresh ({ratio(mended, known):.2%})")
    print(f"not fresh, by the rules that still tell of it: {dict(stays.most_common())}")
    print(f"fresh {ratio(fresh, stale):.2%}, {len(worse)} got worse")
    return ratio(fresh, stale), not worse


def show(seed, cache_lint, keep, strict):
    """Prints all there is to know of one app."""
    outcome, comparison = judge(seed, cache_lint, keep, strict)
    manifest = comparison.manifest
    print(f"seed {seed}: {manifest.mode} {manifest.defects}, written to {Path(keep) / str(seed)}")
    for number, entry in enumerate(manifest.entries):
        about = "excused" if comparison.excused(entry) else "meant to be fresh"
        reads = {role: sorted(columns) for role, columns in entry.reads.items()}
        print(
            f"entry {number}: {entry.form} by {entry.granularity}, {entry.reader}, timeout {entry.timeout.kind}, {about}"
        )
        print(f"    reads {reads}")
    for record in comparison.records:
        if record.verdict != "fresh":
            path = manifest.paths[record.path]
            where = "" if path.visible else " (by the ORM)"
            print(
                f"{record.verdict}: entry {record.entry}, {path.name}{where} {path.kinds} {path.models} {record.detail}"
            )
    for finding in comparison.findings:
        place = f"{finding['filename']}:{finding['location']['row']}"
        print(f"{place}: {finding['code']} {finding['message']} {finding.get('write_paths')}")
    for line in [*outcome.disagreements, *outcome.errors]:
        print(f"DISAGREE {line}")


def ratio(part, whole):
    return part / whole if whole else 1.0


def summary(outcomes, seconds):
    """Prints the totals; returns the two ratios that count."""
    total = {name: sum(getattr(o, name) for o in outcomes) for name in ("paths", "stale", "excused", "explained")}
    races, races_explained = sum(o.races for o in outcomes), sum(o.races_explained for o in outcomes)
    findings, borne_out = Counter(), Counter()
    for outcome in outcomes:
        findings.update(outcome.findings)
        borne_out.update(outcome.borne_out)
    modes = Counter(o.mode for o in outcomes)
    print(f"{len(outcomes)} apps in {seconds:.0f} s: {', '.join(f'{n} {m}' for m, n in sorted(modes.items()) if m)}")
    print(f"{sum(o.clean for o in outcomes)} apps have no stale path that sends a signal")
    print(f"{total['paths']} paths run, {total['stale']} stale, {total['excused']} more excused")
    for code in sorted(findings):
        print(f"    {code}: {findings[code]} findings, {borne_out[code]} borne out")
    missed = Counter(kind for o in outcomes for kind in o.missed)
    if missed:
        print(f"missed: {', '.join(f'{count} {kind}' for kind, count in missed.most_common())}")
    explained = ratio(total["explained"] + races_explained, total["stale"] + races)
    borne = ratio(borne_out.total(), findings.total())
    print(f"stale paths explained: {total['explained']} of {total['stale']}")
    print(f"races explained: {races_explained} of {races}")
    print(f"findings borne out: {borne_out.total()} of {findings.total()}")
    print(f"explained {explained:.2%}, borne out {borne:.2%}")
    return explained, borne


def seeds(text):
    found = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=seeds, default=range(200), metavar="A-B,C")
    parser.add_argument("--cache-lint", default=str(ROOT / "target/release/cache-lint"), metavar="BINARY")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", metavar="DIR", help="leave the apps there")
    parser.add_argument("--show", type=int, metavar="SEED", help="print one app's paths, findings and disagreements")
    parser.add_argument("--min-explained", type=float, default=0.99)
    parser.add_argument("--min-borne-out", type=float, default=0.99)
    parser.add_argument(
        "--strict", action="store_true", help="also count what only the ORM does where the app drops by hand"
    )
    parser.add_argument("--fix", action="store_true", help="fix the apps, and run them again")
    parser.add_argument("--min-fresh", type=float, default=0.98)
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each app")
    return parser.parse_args()


def main():
    options = arguments()
    cache_lint = str(Path(options.cache_lint).resolve())
    if options.show is not None:
        show(options.show, cache_lint, options.keep or ROOT / "target/oracle", options.strict)
        return 0
    started = time.monotonic()
    outcomes = []
    tasks = [(seed, cache_lint, options.keep, options.strict) for seed in options.seeds]
    work = mend_in_fork if options.fix else judge_in_fork
    with multiprocessing.get_context("fork").Pool(options.jobs, maxtasksperchild=1) as pool:
        for outcome in pool.imap(work, tasks, chunksize=1):
            outcomes.append(outcome)
            if options.verbose and not options.fix:
                print(f"seed {outcome.seed}: {outcome.mode}, {outcome.stale} stale, {outcome.explained} explained")
            for line in outcome.open if options.verbose and options.fix else []:
                print(f"seed {outcome.seed}: {line}")
            for line in [*outcome.disagreements, *(f"ERROR {e}" for e in outcome.errors)]:
                print(f"seed {outcome.seed}: {line}", flush=True)
    if options.fix:
        fresh, no_worse = summary_of_fixes(outcomes, time.monotonic() - started)
        return int(any(o.errors for o in outcomes) or fresh < options.min_fresh or not no_worse)
    explained, borne = summary(outcomes, time.monotonic() - started)
    failed = [o for o in outcomes if o.errors]
    if failed:
        print(f"{len(failed)} apps could not be judged")
    return int(bool(failed) or explained < options.min_explained or borne < options.min_borne_out)


if __name__ == "__main__":
    sys.exit(main())

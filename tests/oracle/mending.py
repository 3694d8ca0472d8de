"""Fixes an app with `--fix --unsafe-fixes`, and holds what its paths do then against what they did before."""

import os
import pickle
import subprocess
import traceback
from dataclasses import dataclass, field

from compare import Comparison
from run import run_app

# The rules whose findings a fix can mend; what is left of the others is no fault of a fix.
FIXED = {"CL101", "CL102", "CL103", "CL104", "CL105", "CL106", "CL107", "CL108", "CL201", "CL202", "CL203", "CL204", "CL205", "CL301", "CL401"}
WORSE = ["fresh", "late", "race", "stale", "error"]


@dataclass
class Mended:
    """The figures of one app."""

    seed: int
    findings: int = 0
    left: dict = field(default_factory=dict)
    stale: int = 0
    fresh: int = 0
    # The same with the paths whose findings are still there.
    all_stale: int = 0
    all_fresh: int = 0
    # Those that are not fresh by the rule that still tells of them.
    stays: dict = field(default_factory=dict)
    # One line for each of those, with the findings.
    open: list = field(default_factory=list)
    disagreements: list = field(default_factory=list)
    errors: list = field(default_factory=list)


def in_child(call):
    """What a call returns that is made in a process of its own, which Django can be set up in once."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            answer = pickle.dumps((True, call()))
        except BaseException:
            answer = pickle.dumps((False, traceback.format_exc(limit=-3)))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    fine, result = pickle.loads(answer) if answer else (False, "it ended without a word")
    if not fine:
        raise RuntimeError(result)
    return result


def fix(cache_lint, folder):
    """Fixes an app; returns what a second run would still change."""
    base = [cache_lint, "check", ".", "--isolated", "--select", "ALL", "--quiet", "--unsafe-fixes"]
    run = subprocess.run([*base, "--fix"], cwd=folder, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        raise RuntimeError(f"cache-lint: {run.stderr.strip()}")
    return subprocess.run([*base, "--diff"], cwd=folder, capture_output=True, text=True).stdout


def texts(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.py"))}


def mend(seed, files, manifest, folder, scratch, cache_lint, findings_of):
    """Runs an app as it is, fixes it, and runs it again."""
    out = Mended(seed)
    findings = findings_of(cache_lint, folder)
    before = in_child(lambda: run_app(folder, scratch, manifest))
    comparison = Comparison(files, manifest, findings, before)
    again = fix(cache_lint, folder)
    if again:
        out.disagreements.append(f"a second run changes more:\n{again}")
    for name, text in texts(folder).items():
        compile(text, name, "exec")
    for database in scratch.glob("oracle.sqlite3*"):
        database.unlink()
    left = findings_of(cache_lint, folder)
    after = in_child(lambda: run_app(folder, scratch, manifest))
    meant = [f for f in comparison.findings if f["code"] in FIXED]
    out.findings = len(meant)
    for finding in left:
        if finding["code"] in FIXED and finding["confidence"] != "low":
            out.left[finding["code"]] = out.left.get(finding["code"], 0) + 1
    told = {(r.entry, r.path): r for r in before}
    later = Comparison(texts(folder), manifest, left, after)
    for record in after:
        entry, path = manifest.entries[record.entry], manifest.paths[record.path]
        earlier = told.get((record.entry, record.path))
        about = f"entry {record.entry} ({entry.form}, {entry.granularity}), {path.name} {path.kinds} {path.models}"
        if earlier is None or record.verdict == "error":
            out.errors.append(f"{about}: {record.detail}")
        elif WORSE.index(record.verdict) > WORSE.index(earlier.verdict) and earlier.verdict == "fresh":
            out.disagreements.append(f"turned {record.verdict}: {about}")
        elif earlier.verdict in ("stale", "race") and not comparison.excused(entry):
            if comparison.past_all_code(earlier) or not any(comparison.explains(f, earlier) for f in meant):
                continue
            mended = record.verdict in ("fresh", "late")
            out.all_stale += 1
            out.all_fresh += mended
            told_of = [f for f in later.findings if later.explains(f, record)]
            if told_of:
                # What is still told of is left for somebody to look at, by a rule or a site that has no fix.
                if not mended:
                    codes = "+".join(sorted({f["code"] for f in told_of}))
                    out.stays[codes] = out.stays.get(codes, 0) + 1
                    places = sorted({f"{f['filename']}:{f['location']['row']}: {f['code']}" for f in told_of})
                    out.open.append(f"left {record.verdict}: {about} by {', '.join(places)}")
                continue
            out.stale += 1
            out.fresh += mended
            if not mended:
                out.disagreements.append(f"still {record.verdict}: {about}")
    return out

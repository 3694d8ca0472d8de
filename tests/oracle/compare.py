"""Holds the findings of cache-lint against what Django did: stale paths that nothing explains, findings that nothing bears out."""

import ast
from dataclasses import dataclass, field

SITE = {"CL104", "CL203", "CL205", "CL301", "CL302", "CL401"}
CLASS = {f"CL{n}" for n in (*range(101, 109), *range(201, 206), 401, 503, 505, 601)}
WHOLE_ENTRY = {"CL503", "CL505", "CL601"}
# Rules of style, and findings about files: no run shows them.
IGNORED = {"CL501", "CL502", "CL504", "CL900", "CL901"}
DELETES = {"delete", "queryset-delete", "cascade"}


@dataclass
class Outcome:
    """The figures of one app."""

    seed: int
    mode: str = ""
    clean: bool = False
    paths: int = 0
    stale: int = 0
    excused: int = 0
    explained: int = 0
    races: int = 0
    races_explained: int = 0
    findings: dict = field(default_factory=dict)
    borne_out: dict = field(default_factory=dict)
    missed: list = field(default_factory=list)
    disagreements: list = field(default_factory=list)
    errors: list = field(default_factory=list)


class Lines:
    """Where the functions and classes of an app stand, and where each function is connected to a signal."""

    def __init__(self, files):
        # All that bear a name: the receiver that another one shadows is as much a place of its entry.
        self.ranges = {}
        self.connects = {}
        for path, text in files.items():
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "connect":
                    for name in (n.id for n in ast.walk(node) if isinstance(n, ast.Name)):
                        self.connects.setdefault(name, set()).add((path, node.lineno))
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                    self.ranges.setdefault((path, node.name), []).append(range(start, node.end_lineno + 1))

    def within(self, place, site):
        path, row = place
        return path == site[0] and any(row in lines for lines in self.ranges.get(site, ()))


class Comparison:
    def __init__(self, files, manifest, findings, records, strict=False):
        self.manifest = manifest
        self.lines = Lines(files)
        self.findings = [f for f in findings if f["code"] not in IGNORED and f["confidence"] != "low"]
        self.records = records
        self.strict = strict

    def places(self, finding):
        yield finding["filename"], finding["location"]["row"]
        for step in finding["evidence"]:
            yield step["filename"], step["location"]["row"]

    def concerns(self, finding, entry):
        """Whether the finding is about this entry; one that points at no entry is about each."""
        if len(self.manifest.entries) == 1:
            return True
        named = any(self.names(finding, other) for other in self.manifest.entries)
        return self.names(finding, entry) or not named

    def names(self, finding, entry):
        """Whether the finding points at this entry: by its key, its manager, its code, or a hook that drops it."""
        key = finding.get("entry") or ""
        if entry.prefix in key or (entry.manager and entry.manager in key):
            return True
        place = finding["filename"], finding["location"]["row"]
        for hook in entry.hooks:
            if self.lines.within(place, hook) or place in self.lines.connects.get(hook[1], ()):
                return True
        return any(self.lines.within(place, site) for place in self.places(finding) for site in entry.sites)

    def at_site(self, finding, path):
        place = finding["filename"], finding["location"]["row"]
        return finding["code"] in SITE and any(self.lines.within(place, site) for site in path.sites)

    def of_class(self, finding, path):
        """Whether a finding about a model as a whole speaks of this path."""
        code, kinds, said = finding["code"], set(path.kinds), set(finding.get("write_paths") or ())
        if code not in CLASS:
            return False
        if code in WHOLE_ENTRY and not said:
            return True
        base = self.manifest.schema.base
        of_base = [base.name] if base and self.manifest.schema.subject.name in path.models else []
        if (finding.get("model") or "").rpartition(".")[2] not in [*path.models, *of_base]:
            return False
        if code in ("CL401", "CL204") and not said:
            return code == "CL401" or "move" in kinds
        if code == "CL204" and "move" in kinds:
            return True
        return bool(kinds & said) or bool(kinds & DELETES and said & DELETES)

    def explains(self, finding, record):
        """Whether a finding tells of what a record shows; only a drop that came too early explains a race."""
        return (record.verdict == "race") == (finding["code"] == "CL401") and self.tells_of(finding, record)

    def tells_of(self, finding, record):
        entry, path = self.manifest.entries[record.entry], self.manifest.paths[record.path]
        return self.concerns(finding, entry) and (self.at_site(finding, path) or self.of_class(finding, path))

    def excused(self, entry):
        """Whether the entry may be stale: it lives for seconds, or has a timeout and nothing means to drop it."""
        ttl = entry.timeout.kind != "none" and entry.form != "memo"
        meant = entry.intended or entry.manager == "CacheManager"
        return ttl and (entry.timeout.kind == "short" or not meant)

    def past_all_code(self, record):
        """Whether the ORM was only tried with a proxy through which nothing in the app writes rows (see CL107)."""
        path, proxy = self.manifest.paths[record.path], self.manifest.schema.proxy
        if path.visible or not proxy or path.models[0] != proxy.name:
            return False
        return not any(other.visible and other.models[0] == proxy.name for other in self.manifest.paths)

    def by_hand(self, record):
        """Whether the app writes such rows in functions that drop the entry themselves, and the ORM was only tried.

        Then each of those functions counts, and what no function of the app does is no hole in it (see CL104).
        """
        path = self.manifest.paths[record.path]
        if path.visible or self.strict:
            return False

        def side(kinds):
            return "delete" if DELETES & set(kinds) else "m2m" if "m2m-change" in kinds else "save"

        return any(
            record.entry in other.drops
            and side(other.kinds) == side(path.kinds)
            and set(other.models) & set(path.models)
            for other in self.manifest.paths
        )

    def borne_out(self, finding):
        if finding["code"] == "CL601":
            return any(e.form == "memo" and self.concerns(finding, e) for e in self.manifest.entries)
        records = [r for r in self.records if r.verdict != "fresh"]
        if finding["code"] == "CL503":
            return any(self.concerns(finding, self.manifest.entries[r.entry]) for r in records)
        if finding["code"] == "CL401":
            # An entry that is stale anyway hides that its drop came too early.
            return any(self.tells_of(finding, record) for record in records)
        return any(self.explains(finding, record) for record in records)

    def outcome(self):
        manifest = self.manifest
        out = Outcome(manifest.seed, manifest.mode, paths=len(manifest.paths) * len(manifest.entries))
        wrong = [r for r in self.records if r.verdict != "fresh"]
        out.clean = all(manifest.paths[r.path].visible for r in wrong)
        for record in wrong:
            entry, path = manifest.entries[record.entry], manifest.paths[record.path]
            about = f"entry {record.entry} ({entry.form}, {entry.granularity}), {path.name} {path.kinds} {path.models}"
            if record.verdict == "error":
                out.errors.append(f"{path.name}: {record.detail}")
                continue
            explained = any(self.explains(f, record) for f in self.findings)
            race = record.verdict == "race"
            if record.verdict == "late":
                # Only with a transaction around it that is not in the app: nothing to be seen in its source.
                out.excused += 1
                continue
            alone = self.by_hand(record) or self.past_all_code(record)
            if self.excused(entry) or (not explained and alone):
                out.excused += 1
                continue
            out.races, out.races_explained = out.races + race, out.races_explained + (race and explained)
            out.stale, out.explained = out.stale + (not race), out.explained + (not race and explained)
            if not explained:
                out.missed.append("race" if race else path.kinds[0])
                out.disagreements.append(f"missed {record.verdict}: {about}")
        for finding in self.findings:
            code, place = finding["code"], f"{finding['filename']}:{finding['location']['row']}"
            borne = self.borne_out(finding)
            out.findings[code] = out.findings.get(code, 0) + 1
            out.borne_out[code] = out.borne_out.get(code, 0) + borne
            if not borne:
                out.disagreements.append(
                    f"false alarm: {place}: {code} {finding['message']} {finding.get('write_paths')}"
                )
        return out

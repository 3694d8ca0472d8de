#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets below `corpus/`, from what the repository has anyway."""

import pathlib
import shutil

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent


def seeds(target, texts):
    folder = here / "corpus" / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in texts:
        (folder / name.replace("/", "-")).write_bytes(text)


def below(folder, *patterns):
    for pattern in patterns:
        for path in sorted((root / folder).rglob(pattern)):
            yield path.relative_to(root).as_posix(), path.read_bytes()


def programs(*suffixes):
    """The fixtures with files of the first suffix, all their files in one text each."""
    for folder in sorted(path for path in (root / "fixtures").glob("*/*") if path.is_dir()):
        paths = [path for path in sorted(folder.rglob("*.*")) if path.suffix in suffixes]
        if not any(path.suffix == suffixes[0] for path in paths):
            continue
        files = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]
        text = b"".join(f"#### {name}\n".encode() + text for name, text in files)
        yield f"{folder.parent.name}-{folder.name}", text


CONFIGURATION = b"""\
select = ["CL1", "missing-invalidation", "ALL"]
extend-select = ["CL504"]
ignore = ["CL9"]
exclude = ["legacy/", "!legacy/a.py", "**/[ab]*.py", "{a,b}/**"]
source-roots = ["src", "./backend/src"]
min-confidence = "low"
cache-managers = ["CacheManager", "shop.caching.StoredManager"]
invalidators = ["shop.cache.bust_*"]
frameworks = ["own.toml"]
fix = ["CL901"]
receivers-module = "signals"

[per-file-ignores]
"imports/*.py" = ["CL106"]
"""


def tables(folder, *names):
    """The TOML files of those names, or with `!` in front of other names than those."""
    wanted = {name.removeprefix("!") for name in names}
    for name, text in below(folder, "*.toml"):
        if (name.rsplit("/")[-1] in wanted) != names[0].startswith("!"):
            yield name, text


config = [*tables("fixtures", "cache-lint.toml"), *tables("tests/cli", "cache-lint.toml", ".cache-lint.toml")]
frameworks = [*below("rules", "*.toml"), *tables("fixtures", "!cache-lint.toml", "!Cargo.toml")]
python, rust = [*programs(".py", ".sql")], [*programs(".rs", ".sql")]
seeds("python", python)
seeds("rust", rust)
seeds("frameworks", frameworks)
seeds("config", [("all", CONFIGURATION), *config])
seeds("cache", [])
seeds("fix", python + rust)

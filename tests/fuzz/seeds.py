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


def program(folder):
    """All files of a fixture as the target `fix` reads them."""
    parts = []
    for path in sorted(folder.rglob("*.*")):
        if path.suffix in (".py", ".rs"):
            parts.append(f"#### {path.relative_to(folder).as_posix()}\n".encode() + path.read_bytes())
    return b"".join(parts)


fixtures = [path for path in sorted((root / "fixtures").glob("*/*")) if path.is_dir()]
seeds("python", below("fixtures", "*.py"))
seeds("rust", [*below("fixtures", "*.rs"), *below("src", "*.rs")])
seeds("frameworks", below("rules", "*.toml"))
seeds("config", [*below("fixtures", "*.toml"), *below("tests/cli", "*.toml")])
seeds("cache", [])
seeds("fix", ((f"{path.parent.name}-{path.name}", program(path)) for path in fixtures))

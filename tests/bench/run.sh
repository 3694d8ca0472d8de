#!/usr/bin/env bash
# Measures cache-lint beside ruff, ripgrep, Semgrep and `cargo fmt`, and writes the table of README.md: half an hour, at
# a quiet moment. With the names of trees in runs.txt it measures those and only prints: `run.sh django-200000`.
# `CACHE_LINT=path` measures a program that was built before.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
environment=target/bench/environment
pins=tests/bench/requirements.txt

if ! cmp -s "$pins" "$environment/pins"; then
    rm -rf -- "$environment"
    "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
        --requirement "$pins" </dev/null
    cp -- "$pins" "$environment/pins"
fi
tests/corpus/fetch.sh
tests/corpus/fetch-crates.sh
if [[ -z ${CACHE_LINT:-} ]]; then
    cargo build --release --quiet
    CACHE_LINT=target/release/cache-lint
fi
exec "$environment/bin/python" tests/bench/bench.py "$(realpath -- "$CACHE_LINT")" "$PWD/$environment/bin" "$@"

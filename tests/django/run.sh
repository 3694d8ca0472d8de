#!/usr/bin/env bash
# Runs judge.py.
exec "$(dirname -- "${BASH_SOURCE[0]}")/python.sh" tests/django/judge.py "$@"

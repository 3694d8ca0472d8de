#!/usr/bin/env bash
# Runs oracle.py, with the packages of tests/django.
exec "$(dirname -- "${BASH_SOURCE[0]}")/../django/python.sh" tests/oracle/oracle.py "$@"

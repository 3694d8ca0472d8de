#!/usr/bin/env bash
# Runs Python with the packages of requirements.txt, from a virtual environment under target/, in the folder FOLDER.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
python=${PYTHON:-python3}
environment=target/fixed
requirements=tests/corpus/fixed/requirements.txt

if ! cmp --silent "$requirements" "$environment/requirements.txt"; then
    rm -rf -- "$environment"
    "$python" -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
        --requirement "$requirements" </dev/null
    cp -- "$requirements" "$environment/requirements.txt"
fi
environment=$PWD/$environment
cd -- "${FOLDER:-.}"
exec "$environment/bin/python" "$@"

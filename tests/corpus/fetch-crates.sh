#!/usr/bin/env bash
# Unpacks the crates named in crates.txt into crates/<program>/<crate>/; what is there at its pin is left alone.
# Cargo itself downloads them, one by one and without what they depend on.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
sources=${CARGO_HOME:-$HOME/.cargo}/registry/src

while read -r program pin; do
    name=${pin%@*}
    target=crates/$program/$name
    if [[ -f $target/.pin && $(<"$target/.pin") == "$pin" ]]; then
        continue
    fi
    shopt -s nullglob
    found=("$sources"/*/"$name-${pin#*@}")
    if ((${#found[@]} == 0)); then
        cargo info --quiet "$pin" >/dev/null 2>&1 </dev/null
        found=("$sources"/*/"$name-${pin#*@}")
    fi
    if ((${#found[@]} == 0)); then
        echo "fetch-crates.sh: $pin was not downloaded" >&2
        exit 1
    fi
    rm -rf -- "$target" "$target.part"
    mkdir -p -- "crates/$program"
    cp -r -- "${found[0]}" "$target.part"
    printf '%s\n' "$pin" >"$target.part/.pin"
    mv -- "$target.part" "$target"
done <crates.txt

#!/usr/bin/env bash
# Unpacks the wheels named in pinned.txt into projects/<name>/; what is there at its pin is left alone.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
python=${PYTHON:-python3}
mkdir -p downloads projects

while IFS= read -r pin || [[ -n $pin ]]; do
    pin=${pin%%#*}
    pin=${pin//[[:space:]]/}
    [[ -n $pin ]] || continue
    name=${pin%%==*}
    version=${pin##*==}
    target=projects/$name
    if [[ -f $target/.pin && $(<"$target/.pin") == "$pin" ]]; then
        continue
    fi

    shopt -s nullglob
    wheels=(downloads/"${name//-/_}-$version"-*.whl)
    if ((${#wheels[@]} == 0)); then
        "$python" -m pip download --quiet --disable-pip-version-check --no-deps \
            --only-binary :all: --python-version 3.12 --dest downloads "$pin" </dev/null
        wheels=(downloads/"${name//-/_}-$version"-*.whl)
    fi
    if ((${#wheels[@]} != 1)); then
        echo "fetch.sh: expected one wheel for $pin in downloads/, found ${#wheels[@]}" >&2
        exit 1
    fi

    rm -rf -- "$target" "$target.part"
    "$python" -m zipfile -e "${wheels[0]}" "$target.part"
    printf '%s\n' "$pin" >"$target.part/.pin"
    mv -- "$target.part" "$target"
    echo "unpacked $pin"
done <pinned.txt

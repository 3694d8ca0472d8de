#!/usr/bin/env bash
# Fuzzes every target, or those that are named, for SECONDS_EACH seconds each (1200 where it is not said),
# and says how many inputs were tried. Needs nightly Rust and cargo-fuzz.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

seconds=${SECONDS_EACH:-1200}
targets=("$@")
if ((${#targets[@]} == 0)); then
    targets=(python rust frameworks config cache fix)
fi

python3 seeds.py
export SEEDS="$PWD/corpus/cache"
mkdir -p artifacts
for target in "${targets[@]}"; do
    log=artifacts/$target.log
    export LAST="$PWD/artifacts/$target.last"
    # Nothing unsafe is ours to be sanitised. Standard error is closed to the target, which complains of
    # what it is given.
    nice -n 19 cargo +nightly fuzz run --dev --fuzz-dir . --sanitizer none "$target" -- -max_total_time="$seconds" -timeout=10 \
        -len_control=0 -max_len=16384 -rss_limit_mb=4096 -close_fd_mask=2 -dict=words.dict -print_final_stats=1 >"$log" 2>&1 ||
        echo "$target: see $log and artifacts/$target; the last input is $LAST"
    echo "$target: $(grep -o 'stat::number_of_executed_units: *[0-9]*' "$log" | grep -o '[0-9]*$' || echo no) inputs"
done

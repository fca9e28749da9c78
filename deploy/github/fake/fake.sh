#!/usr/bin/env bash
# Starts the fake, waits for its ready line, and gives its fields as outputs.
set -euo pipefail
folder=$(mktemp -d "$RUNNER_TEMP/halofake.XXXXXX")
args=(fake)
while IFS= read -r arg; do
	[ -z "$arg" ] || args+=("$arg")
done <<<"${ARGS//$'\r'/}"
nohup "$PROGRAM" "${args[@]}" >"$folder/ready" 2>"$folder/log" </dev/null &
pid=$!
for _ in $(seq 600); do
	[ ! -s "$folder/ready" ] || break
	kill -0 "$pid" 2>/dev/null || break
	sleep 0.1
done
[ -s "$folder/ready" ] || { cat "$folder/log"; echo "::error title=halocheck fake::The fake does not start; the log says why."; exit 1; }
jq -r 'to_entries[] | "\(.key)=\(.value)"' "$folder/ready" >>"$GITHUB_OUTPUT"

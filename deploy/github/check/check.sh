#!/usr/bin/env bash
# One check: the text to the log, the summary as Markdown, an annotation for each Must that fails or could not be judged.
set -euo pipefail
folder=$(mktemp -d "$RUNNER_TEMP/halocheck.XXXXXX")
args=(check)
[ -z "$URL" ] || args+=("$URL")
[ -z "$CA_FILE" ] || args+=(--ca-file "$CA_FILE")
while IFS= read -r arg; do
	[ -z "$arg" ] || args+=("$arg")
done <<<"${ARGS//$'\r'/}"
code=0
"$PROGRAM" "${args[@]}" --out "json=$folder/report.json" --out "junit=$folder/junit.xml" --out "markdown=$folder/report.md" || code=$?
outcome=
if [ -s "$folder/report.json" ]; then
	outcome=$(jq -r .outcome "$folder/report.json")
	cat "$folder/report.md" >>"$GITHUB_STEP_SUMMARY"
	jq -r 'def data: gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");
		def property: data | gsub(":"; "%3A") | gsub(","; "%2C");
		.findings[] | select(.level == "must" and (.status == "fail" or .status == "unknown" or .status == "broken"))
		| "::\(if .status == "fail" then "error" else "warning" end) title=\("\(.id) \(.cause) \(.host // "")" | property)::\("\(.because // "") \(.remedy.do // "")" | data)"' "$folder/report.json"
fi
{
	echo "exit-code=$code"
	echo "outcome=$outcome"
	echo "report=$folder/report.json"
	echo "junit=$folder/junit.xml"
} >>"$GITHUB_OUTPUT"
[ "$FAIL" != true ] || exit "$code"

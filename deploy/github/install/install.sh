#!/usr/bin/env bash
# Used by the three actions: takes PROGRAM, or downloads VERSION from RELEASES and verifies it; writes the output "program".
set -euo pipefail
if [ -z "$PROGRAM" ]; then
	[ -n "$VERSION" ] || { echo "::error title=halocheck::Name a release in version, such as v1.2.3."; exit 2; }
	number=${VERSION#v}
	[[ $number =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || { echo "::error title=halocheck::version is no release; it looks like v1.2.3."; exit 2; }
	case $RUNNER_OS in Linux) os=linux ;; macOS) os=darwin ;; Windows) os=windows ;; *) echo "::error title=halocheck::There is no halocheck for $RUNNER_OS."; exit 2 ;; esac
	case $RUNNER_ARCH in X64) arch=amd64 ;; ARM64) arch=arm64 ;; *) echo "::error title=halocheck::There is no halocheck for $RUNNER_ARCH."; exit 2 ;; esac
	name=halocheck_${number}_${os}_$arch.tar.gz
	[ "$os" != windows ] || name=${name%.tar.gz}.zip
	folder=$(mktemp -d "$RUNNER_TEMP/halocheck.XXXXXX")
	cd "$folder"
	for file in "$name" checksums.txt checksums.txt.sigstore.json; do
		curl --fail --silent --show-error --location --proto '=https,file' --retry 3 --output "$file" "$RELEASES/v$number/$file"
	done
	# The signature says that the workflow of this project made the checksums; they say that the archive is the one it made.
	if command -v cosign >/dev/null; then
		cosign verify-blob --bundle checksums.txt.sigstore.json --certificate-oidc-issuer https://token.actions.githubusercontent.com \
			--certificate-identity "https://github.com/halocheck/halocheck/.github/workflows/release.yml@refs/tags/v$number" checksums.txt
	fi
	grep -F "  $name" checksums.txt >checksum || { echo "::error title=halocheck::The checksums do not name $name."; exit 1; }
	if command -v sha256sum >/dev/null; then sha256sum --check --quiet checksum; else shasum -a 256 --check --quiet checksum; fi ||
		{ echo "::error title=halocheck::$name is not what the checksums say; it is not run."; exit 1; }
	if [ "$os" = windows ]; then unzip -q "$name"; else tar -xzf "$name"; fi
	PROGRAM=$folder/halocheck
	[ "$os" != windows ] || PROGRAM+=.exe
fi
"$PROGRAM" --version
echo "program=$PROGRAM" >>"$GITHUB_OUTPUT"
dirname "$PROGRAM" >>"$GITHUB_PATH"

#!/usr/bin/env bash
# Installs yaml-language-server, with which the tests use the JSON schemas as an editor does, into
# .tools/language-server. ci/language_server/package-lock.json pins each of its packages by hash. No package runs a script.
# Skips an unchanged installation.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in node npm; do
  command -v "$tool" >/dev/null || { echo "ci/language_server.sh: Node.js 20 or later, with npm, is needed for the tests of the editor schemas (https://nodejs.org)" >&2; exit 1; }
done
folder=.tools/language-server
sum="$({ node --version; cat ci/language_server/*.json ci/language_server.sh; } | sha256sum)"
if [ "$(cat "$folder/.stamp" 2>/dev/null)" = "$sum" ]; then exit; fi
rm -rf "$folder"
mkdir -p "$folder"
cp ci/language_server/*.json "$folder"
npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
echo "$sum" > "$folder/.stamp"
echo "installed yaml-language-server into $folder"

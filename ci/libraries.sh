#!/usr/bin/env bash
# Installs Polyaxon's libraries, Ansible and tensorboard, each in a separate Python environment below .tools/libraries, from
# ci/libraries/<name>.lock. Tests run the libraries with the variables of rendered pods. Skips an unchanged environment.
# usage: ci/libraries.sh PYTHON          (a Python with pip)
#        ci/libraries.sh --lock UV       (updates the pinned versions)
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$1" = --lock ]; then
  for input in ci/libraries/*.in; do
    # The libraries require old packages that current Pythons can't import. Newer ones also work (overrides.txt).
    "$2" pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-header \
      --no-emit-index-url --no-emit-find-links --override ci/libraries/overrides.txt "$input" -o "${input%.in}.lock"
  done
  exit
fi

for lock in ci/libraries/*.lock; do
  name="$(basename "$lock" .lock)"
  folder=".tools/libraries/$name"
  sum="$({ "$1" --version; cat "${lock%.lock}".* ci/libraries.sh; } | sha256sum)"
  if [ "$(cat "$folder/.stamp" 2>/dev/null)" = "$sum" ]; then continue; fi
  rm -rf "$folder"
  "$1" -m venv --without-pip "$folder"
  "$1" -m pip --python "$folder/bin/python" install --quiet --disable-pip-version-check \
    --no-deps --require-hashes --only-binary :all: --no-compile -r "$lock" # compiling all 20000 files of Ansible takes too long
  # Python runs a .pth file when it starts.
  for start in "${lock%.lock}".pth; do
    [ ! -e "$start" ] || cp "$start" "$folder"/lib/python*/site-packages/
  done
  echo "$sum" > "$folder/.stamp"
  echo "installed $name into $folder"
done

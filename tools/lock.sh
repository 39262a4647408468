#!/bin/sh
# Compiles constraints.txt (library, extras that are tested, development tools) and
# constraints-core.txt (what an installed library needs; same versions) with hashes and no addresses.
# Keeps the pinned versions; `tools/lock.sh --upgrade` moves to the newest.
set -eu
cd "$(dirname "$0")/.."

uv=${UV:-$(command -v uv || true)}
if [ -z "$uv" ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    "$(sh tools/find_python.sh)" -m venv "$scratch"
    "$scratch/bin/pip" install -qq uv
    uv=$scratch/bin/uv
fi

compile() { # name, then the flags of uv
    file=$1
    shift
    "$uv" pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 \
        --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate \
        --output-file "$file" "$@" >/dev/null
    { echo "# Compiled by \`make lock\` from pyproject.toml; do not edit."; cat "$file"; } >"$file.new"
    mv "$file.new" "$file"
}

compile constraints.txt --extra host --extra postgres --extra nats --extra otel --extra dev "$@"
compile constraints-core.txt --constraint constraints.txt
sh tools/check_lock_files.sh

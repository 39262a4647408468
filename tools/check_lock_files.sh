#!/bin/sh
# Lock files name versions and hashes, never the address something was downloaded from.
set -u
cd "$(dirname "$0")/.." || exit 1

files=$(find . \( -name node_modules -o -name '.venv*' -o -name .git \) -prune \
    -o \( -name 'constraints*.txt' -o -name package-lock.json \) -print)
# "funding" and the like may hold addresses in a package-lock; what counts there is "resolved".
for file in $files; do
    case $file in
        *.txt) pattern='[a-z+]*://|--(extra-)?index-url|--find-links' ;;
        *) pattern='"resolved": *"[a-z+]*:' ;;
    esac
    if grep -nE -- "$pattern" "$file" | sed "s|^|$file:|" | head -n 5 | grep .; then
        echo "error: $file records a download address (make lock writes none)" >&2
        exit 1
    fi
done

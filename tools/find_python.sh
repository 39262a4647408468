#!/bin/sh
# Prints the path of a Python that can make a virtual environment.
#
#   tools/find_python.sh              the first of 3.11 to 3.14 that is found
#   tools/find_python.sh other 3.11   the newest of 3.11 to 3.14 other than 3.11
#
# Looks at $PYTHON (not for `other`), PATH, pyenv and uv; of an active environment it names the Python
# it was made from, since `make setup` may remove the environment. Nothing good: says what to do, exit 1.
set -u

mode=${1:-first}
unlike=${2:-none}
without_venv=

# Prints "<minor version> <real path>" of a supported interpreter that can make environments.
describe() {
    "$1" -c '
import sys
version = "%d.%d" % sys.version_info[:2]
if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    sys.exit(1)
try:
    import ensurepip, venv
except ImportError:
    print(version, "none")
else:
    print(version, getattr(sys, "_base_executable", None) or sys.executable)
' 2>/dev/null
}

candidates() {
    if [ "$mode" = first ]; then
        [ -n "${PYTHON:-}" ] && command -v "$PYTHON"
        command -v python3
        versions="3.11 3.12 3.13 3.14"
    else
        versions="3.14 3.13 3.12 3.11"
    fi
    for version in $versions; do
        command -v "python$version"
        for path in "$HOME"/.pyenv/versions/"$version"*/bin/python; do
            [ -x "$path" ] && echo "$path"
        done
        command -v uv >/dev/null && uv python find --no-python-downloads "$version" 2>/dev/null
    done
}

# A here-document, not a pipe: the loop has to run in this shell to keep what it learns.
while read -r path; do
    found=$(describe "$path") || continue
    version=${found%% *}
    [ "$version" = "$unlike" ] && continue
    if [ "${found#* }" = none ]; then
        without_venv="$without_venv $version"
        continue
    fi
    echo "${found#* }"
    exit 0
done <<LIST
$(candidates)
LIST

{
    if [ "$mode" = first ]; then
        echo "error: no Python 3.11 to 3.14 that can make a virtual environment was found."
    else
        echo "error: no Python 3.11 to 3.14 other than $unlike was found."
    fi
    for version in $without_venv; do
        echo "  python$version is here but lacks ensurepip. On Debian or Ubuntu, as root:"
        echo "    apt-get install python$version-venv"
    done
    echo "  To get one:  apt-get install python3.13 python3.13-venv  (where the system has it)"
    echo "          or:  uv python install 3.13    or:  pyenv install 3.13"
    [ "$mode" = first ] && echo "  To name one:  make setup PYTHON=/path/to/python3.13"
} >&2
exit 1

#!/bin/sh
# venv.sh PYTHON FOLDER: makes the virtual environment, or says in one sentence what is missing.
set -eu
python=$1 folder=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "certtui needs Python 3.11 or newer; '$python' is not. Name one: make PYTHON=python3.12 …" >&2
    exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    else
        echo "Python's venv is missing here: install the package python3-venv, then run make again." >&2
        exit 1
    fi
fi
"$python" -m venv "$folder"
# The pip that comes with an older Python writes start scripts that import `re`: half of what `certtui --version` takes.
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check "pip==26.3" ||
    echo "pip stays as it is, because 26.3 can't be had here: certtui works, its commands start a little slower." >&2

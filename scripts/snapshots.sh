#!/bin/sh
# snapshots.sh PYTHON: takes the pictures of every screen anew, and keeps them only if every test passes.
# Why not `pytest --snapshot-update` by hand: it deletes the picture of a test that fails, and finds pictures that no test
# takes any more only when the whole suite runs. So all of it runs, and after a failure the pictures are as before.
set -eu
python=$1
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
cp -R snapshots "$kept/"
if "$python" -m pytest -n 2 --dist worksteal --snapshot-update; then
    git status --short snapshots
    echo "Look at each picture before it is committed."
else
    rm -rf snapshots && mv "$kept/snapshots" .
    echo "A test failed; the pictures are as they were." >&2
    exit 1
fi

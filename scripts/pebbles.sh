#!/bin/sh
# pebbles.sh FOLDER: other Debian releases' Pebbles, each as FOLDER/VERSION/pebble, beside the one that is installed. The
# release of the machine stays as it is: only single programs are unpacked, from the mirror that apt uses already, with their
# signatures checked by Debian's own keys. What can't be had is said in one line: the tests take whatever is there.
set -eu
folder=$1
[ ! -e "$folder/.tried" ] || exit 0
mkdir -p "$folder"
say() { echo "Pebble of other releases is left out: $1."; exit 0; }
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || say "this is no Debian"
# shellcheck disable=SC2016  # apt's own placeholders
mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 2>/dev/null | sed -n 's/^Debian \(.*\/debian\/\?\)$/\1/p' | head -n 1)
[ -n "$mirror" ] || say "apt knows no mirror of Debian here"
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
chmod 755 "$own"
mkdir -p "$own/lists/partial" "$own/cache/archives/partial"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ ! -e $keys ] || signed="[signed-by=$keys]"
for suite in bookworm trixie sid; do echo "deb ${signed:-} $mirror $suite main"; done >"$own/sources.list"
apt() {
    what=$1 && shift
    "$what" -qq -o Dir::Etc::sourcelist="$own/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$own/lists" \
        -o Dir::Cache="$own/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=1 "$@"
}
apt apt-get update >"$own/log" 2>&1 || say "$(tail -n 1 "$own/log")"
here=$(dpkg-query -W -f '${Version}' pebble 2>/dev/null || true)
for version in $(apt apt-cache madison pebble | awk -F'|' '$3 ~ /Packages/ { gsub(/ /, "", $2); print $2 }' | sort -uV); do
    [ "$version" != "$here" ] || continue
    (cd "$own" && apt apt-get download "pebble=$version") >>"$own/log" 2>&1 || continue
    # It may want a newer libc than there is: only one that starts is kept.
    dpkg-deb -x "$own"/pebble_*.deb "$own/tree" && rm -f "$own"/pebble_*.deb
    if "$own/tree/usr/bin/pebble" -version >/dev/null 2>&1; then
        mkdir -p "$folder/${version%%+*}" && mv "$own/tree/usr/bin/pebble" "$folder/${version%%+*}/pebble"
    fi
    rm -rf "$own/tree"
done
touch "$folder/.tried"

#!/bin/sh
# test-programs.sh: the programs of the system that the tests meet for real. As root on Debian they are installed;
# elsewhere one line says which tests will be skipped. With CI=true a missing one is an error.
set -eu
missing='' packages=''
own_folder() {  # Debian keeps PostgreSQL's programs in a folder for each version
    for each in /usr/lib/postgresql/*/bin/"$1"; do [ ! -x "$each" ] || return 0; done
    return 1
}
need() {  # need PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || own_folder "$1" || { missing="$missing $1"; packages="$packages $2"; }
}
look() {
    missing='' packages=''
    need openssl openssl
    need tmux tmux
    need sshd openssh-server
    need ssh openssh-client
    need certtool gnutls-bin
    need initdb postgresql
    need curl curl
    need jq jq
    need nginx nginx-light
    need systemd-analyze systemd
    need pebble pebble
    need named bind9
    need nsupdate bind9-dnsutils
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ "$(id -u)" != 0 ] ||
        { missing="$missing trusted-roots"; packages="$packages ca-certificates"; }
}
look
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # Nothing may start by itself: the tests start what they need, on loopback. Debian asks policy-rc.d.
    policy=/usr/sbin/policy-rc.d
    made=''
    if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && made=yes; fi
    # Nor is a cluster of the system's made: the tests have their own, in a temporary folder.
    cluster=/etc/postgresql-common/createcluster.conf
    if [ ! -e $cluster ]; then mkdir -p ${cluster%/*} && echo 'create_main_cluster = false' >$cluster; fi
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of package names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null || true
    [ -z "$made" ] || rm -f $policy
    look
    [ -n "$missing" ] || exit 0
fi
if [ "${CI:-}" = true ]; then
    echo "Missing for the tests:$missing. With CI=true nothing may be skipped." >&2
    exit 1
fi
echo "Tests that need$missing are skipped: not installed here (Debian packages:$packages)."

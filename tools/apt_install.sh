#!/usr/bin/env bash
# Install Debian or Ubuntu packages without starting their services, now or at the next boot.
#
#   tools/apt_install.sh PACKAGE...
#
# Needs root, or sudo that asks for no password. Exits 1, saying why, where that is not to be had.
set -euo pipefail

if ! command -v apt-get >/dev/null; then
    echo "gatewatch: cannot install $*: this is no Debian or Ubuntu" >&2
    exit 1
fi
if [[ $(id -u) != 0 ]]; then
    if sudo -n true 2>/dev/null; then
        exec sudo -n "$(command -v bash)" "${BASH_SOURCE[0]}" "$@"
    fi
    echo "gatewatch: may not install $* (neither root nor sudo without a password)" >&2
    exit 1
fi

log=$(mktemp)
policy=/usr/sbin/policy-rc.d
kept=$policy.before-gatewatch
# Debian's maintainer scripts ask this program before they start a service: 101 forbids it.
forbid_starts() {
    # Ours may still be there from a run that was killed: then it is not what has to come back.
    if [[ -e $policy ]] && ! grep -q gatewatch "$policy"; then
        mv "$policy" "$kept"
    fi
    printf '#!/bin/sh\n# of gatewatch, for as long as it installs packages\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}
restore() {
    rm -f "$policy" "$log"
    [[ ! -e $kept ]] || mv "$kept" "$policy"
}

installed() {
    dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u
}

# A service that was not there before must not come up with the next boot either.
disable_units() {
    local unit
    dpkg-query --listfiles "$1" |
        sed -nE 's#^(/usr)?/lib/systemd/system/([^/@]+[.](service|socket|timer))$#\2#p' |
        while read -r unit; do
            systemctl disable --quiet "$unit" >/dev/null 2>&1 || true # some are static
        done
}

echo "gatewatch: installing the system packages $*"
trap restore EXIT
forbid_starts
before=$(installed)
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 # others' services are left alone
apt=(apt-get -q -y -o DPkg::Lock::Timeout=120)
if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "gatewatch: apt-get could not install $*" >&2
    exit 1
fi
if command -v systemctl >/dev/null; then
    comm -13 <(echo "$before") <(installed) | while read -r package; do
        disable_units "$package"
    done
fi

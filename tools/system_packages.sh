#!/usr/bin/env bash
# The system packages that tests need, as tools/system-packages.txt lists them.
#
#   tools/system_packages.sh install     install what is missing, where that is allowed
#   tools/system_packages.sh left-out    say what is missing still, and what was left out for it
#
# What is missing is a failure when CI=true, a sentence otherwise.
set -euo pipefail
tools=$(dirname "${BASH_SOURCE[0]}")
PATH=$PATH:/usr/sbin:/sbin

missing() {
    local package command needed_by
    while read -r package command needed_by; do
        [[ -z $package || $package == \#* ]] && continue
        if [[ $command == /* ]]; then
            compgen -G "$command" >/dev/null # a file that is no program, and may be a pattern
        else
            command -v "$command" >/dev/null
        fi || echo "$package $command $needed_by"
    done <"$tools/system-packages.txt"
}

install() {
    local packages
    packages=$(missing | cut -d ' ' -f 1 | sort -u)
    [[ -n $packages ]] || return 0
    # shellcheck disable=SC2086 # one word a package
    "$tools/apt_install.sh" $packages || true # what is missing still is judged by the caller
}

left_out() {
    local package command needed_by found
    found=$(missing)
    [[ -n $found ]] || return 0
    echo "Left out, for want of a system package:"
    while read -r package command needed_by; do
        echo "  $needed_by: install $package (it brings $command)"
    done <<<"$found"
    [[ ${CI:-} != true ]]
}

case ${1:-} in
    install)
        install
        [[ ${CI:-} != true ]] || left_out
        ;;
    left-out) left_out ;;
    *)
        echo "usage: tools/system_packages.sh install|left-out" >&2
        exit 2
        ;;
esac

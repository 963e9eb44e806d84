#!/usr/bin/env bash
# Make .venv hold what locks/NAME.txt lists, and this tree as an editable install.
#
#   tools/venv.sh runtime    what `gatewatch demo` needs
#   tools/venv.sh dev        the same and every tool of `make test`
#
# PYTHON chooses the interpreter. A stamp in .venv makes the second call quick; a .venv made from the
# dev lock serves for runtime too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=.venv
stamp=$venv/gatewatch-stamp

fail() {
    echo "gatewatch: $1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

choose_python() {
    local candidate
    if [[ -n ${PYTHON:-} ]]; then
        is_new_enough "$PYTHON" || fail "PYTHON=$PYTHON is not a Python of 3.11 or later: name one that is"
        echo "$PYTHON"
        return
    fi
    for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "no Python of 3.11 or later was found: install one (Debian, Ubuntu: apt install python3 python3-venv) or name it with PYTHON=..."
}

# Debian keeps ensurepip in a package of its own, and `python3 -m venv` fails halfway without it.
provide_ensurepip() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    local package
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    tools/apt_install.sh "$package" >&2 && "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    fail "this Python cannot make virtual environments: install the package $package, or name another Python with PYTHON=..."
}

what_it_is() {
    "$1" -c 'import sys; print("Python", sys.version.split()[0], "of", sys.base_prefix)' 2>/dev/null
}

# A moved tree leaves scripts that name the old place: the stamp's first line says where it was made.
is_usable() {
    is_new_enough "$venv/bin/python" && "$venv/bin/python" -c 'import pip' 2>/dev/null || return 1
    [[ ! -f $stamp || $(head -n 1 "$stamp") == "$PWD" ]] || return 1
    [[ -z ${PYTHON:-} || $(what_it_is "$PYTHON") == "$(what_it_is "$venv/bin/python")" ]]
}

wanted_stamp() {
    echo "$PWD"
    echo "$lock"
    sha256sum "locks/$lock.txt" pyproject.toml
}

install() {
    local count
    count=$(grep -c '==' "locks/$lock.txt")
    export PIP_USE_PEP517=1 # the pip of older Pythons warns of each package that comes as a source
    echo "gatewatch: installing up to $count packages of locks/$lock.txt into $venv" >&2
    "$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-input \
        --require-hashes --requirement "locks/$lock.txt"
    "$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-input \
        --no-deps --no-build-isolation --editable .
    wanted_stamp >"$stamp"
}

lock=${1:?usage: tools/venv.sh runtime|dev}
if is_usable; then
    if [[ -f $stamp && $(sed -n 2p "$stamp") == dev ]]; then
        lock=dev
    fi
    [[ ! -f $stamp || $(<"$stamp") != "$(wanted_stamp)" ]] || exit 0
else
    python=$(choose_python)
    provide_ensurepip "$python"
    echo "gatewatch: making $venv with $(what_it_is "$python")" >&2
    "$python" -m venv --clear "$venv"
fi
install

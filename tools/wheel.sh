#!/usr/bin/env bash
# Build the wheel, install it with its collector extra into an empty environment, and run the demo
# from there, in a folder outside this tree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

outside=$(mktemp -d)
trap 'rm -rf "$outside"' EXIT
unset PYTHONPATH

pip=("$outside/venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet --quiet)
.venv/bin/python -m pip wheel --disable-pip-version-check --no-input --quiet --quiet \
    --no-deps --no-build-isolation --wheel-dir "$outside/dist" .
.venv/bin/python -m venv "$outside/venv"
"${pip[@]}" install --require-hashes --requirement locks/runtime.txt
wheel=("$outside"/dist/gatewatch-*.whl)
# Offline, so that whatever the lock does not bring is missed here and not fetched.
"${pip[@]}" --isolated install --no-index "${wheel[0]}[collector]"
"${pip[@]}" check

lock=$PWD/locks/runtime.txt
cd "$outside"
venv/bin/python - "$outside/venv" <<'PYTHON'
import sys
from pathlib import Path

import collector, flows, gatewatch, probe

for package in (collector, flows, gatewatch, probe):
    if not Path(package.__file__).is_relative_to(sys.argv[1]):
        sys.exit(f"{package.__name__} comes from {package.__file__}, not from the wheel")
PYTHON
timeout 300 venv/bin/gatewatch demo --once
echo "wheel: gatewatch demo --once ran from ${wheel[0]##*/} in an environment of ${lock##*/} alone"

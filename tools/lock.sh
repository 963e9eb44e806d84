#!/usr/bin/env bash
# Write locks/ anew: every dependency of pyproject.toml with its version and hashes, for Python 3.11
# and later on Linux and Windows. Versions that still fit are kept, unless --upgrade is given.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

compile() {
    # Older pips take a pinned `coverage` for no pin of the `coverage[toml]` that somebody needs.
    .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
        --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" "$@"
}

compile --output-file locks/runtime.txt --extra collector --group build "$@"
# What a probe runs with is what its tests run with.
compile --output-file locks/dev.txt --all-extras --group dev --constraint locks/runtime.txt "$@"
# What a container of the collector holds is what its tests run with.
compile --output-file locks/image.txt --extra postgres --group build --constraint locks/dev.txt

#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image of the autograder.
set -euo pipefail

source="${AUTOGRADER:-/autograder}/source"
home="${NBEXAMINER:-/opt/nbexaminer}"

fit='import ensurepip, sys; sys.exit(sys.version_info < (3, 11))'
python=""
for candidate in python3.13 python3.12 python3.11 python3; do
    if "$candidate" -c "$fit" 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [[ -z "$python" ]]; then
    apt-get update
    apt-get install -y python3.11 python3.11-venv
    python=python3.11
fi
"$python" -m venv "$home"
"$home/bin/pip" install "$source/engine"
if [[ -f "$source/requirements.txt" ]]; then
    "$home/bin/pip" install -r "$source/requirements.txt"
fi
chmod 700 "$source" # other accounts; students' code without a sandbox is root's, and reads it all the same
"$home/bin/nbexaminer" doctor || true # the image's log says whether the sandbox works there

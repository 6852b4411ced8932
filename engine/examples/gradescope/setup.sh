#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image of the autograder.
set -euo pipefail

source="${AUTOGRADER:-/autograder}/source"
home="${NBEXAMINER:-/opt/nbexaminer}"

python=$(command -v python3.13 || command -v python3.12 || command -v python3.11 || true)
if [[ -z "$python" ]]; then
    apt-get update
    apt-get install -y python3.11 python3.11-venv
    python=$(command -v python3.11)
fi
"$python" -m venv "$home" || {
    apt-get install -y "$(basename "$python")-venv"
    "$python" -m venv "$home"
}
"$home/bin/pip" install "$source/engine"
if [[ -f "$source/requirements.txt" ]]; then
    "$home/bin/pip" install -r "$source/requirements.txt"
fi
chmod 700 "$source" # keeps other accounts out; students' code without a sandbox runs as root
"$home/bin/nbexaminer" doctor || true # the image's log says whether the sandbox works there

"""Fetches what the practice loads, once: `python -m practice.assets`.

Python for the browser (Pyodide) and the editor (CodeMirror) come by npm as `package-lock.json` pins
them, and become scripts in `_build/practice/assets`: a page opened from a folder may load nothing
else. Each script carries a part of a file, packed, in base64. Nothing is fetched again before the
lock, the editor or this module changes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "_build" / "practice"
ASSETS, NPM = BUILD / "assets", BUILD / "npm"
FILES = ("package.json", "package-lock.json", "editor.js")
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
PART = 700_000  # bytes of a script before base64: progress is told by scripts
STAMP = "made-from"


def main() -> None:
    """Make the assets where they are missing or old; a failure is one line."""
    if up_to_date():
        return
    print("fetching Python and the editor for the practice pages …", flush=True)
    NPM.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(HERE / name, NPM)
    _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    shutil.rmtree(ASSETS, ignore_errors=True)
    ASSETS.mkdir()
    bundle = ["editor.js", "--bundle", "--minify", "--format=iife", "--target=es2021"]
    _run("node", "node_modules/esbuild/bin/esbuild", *bundle, f"--outfile={ASSETS / 'editor.js'}")
    write_parts()
    (ASSETS / "licenses.txt").write_text(licenses(), encoding="utf-8")
    (ASSETS / STAMP).write_text(fingerprint(), encoding="utf-8")


def fingerprint() -> str:
    """Return a digest of all that the assets are made from."""
    made_from = b"".join((HERE / name).read_bytes() for name in (*FILES, "assets.py"))
    return hashlib.sha256(made_from).hexdigest()


def up_to_date() -> bool:
    """Return whether the assets are those of the lock."""
    stamp = ASSETS / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == fingerprint()


def _run(program: str, *arguments: str) -> None:
    """Run a program of the environment where npm's packages are."""
    command = [str(Path(sys.executable).parent / program), *arguments]
    try:
        done = subprocess.run(command, cwd=NPM, capture_output=True, text=True, check=False)
        log = done.stdout + done.stderr
    except OSError as error:
        log, done = str(error), None
    if done is None or done.returncode:
        (BUILD / "npm.log").write_text(log, encoding="utf-8")
        sys.exit(
            "make: Python and the editor for the practice pages could not be fetched by npm; "
            "is the network there? Details: _build/practice/npm.log"
        )


def write_parts() -> None:
    """Write Pyodide as scripts, and which scripts make which file with how many bytes."""
    files: dict[str, list[list[object]]] = {}
    for name in PYODIDE:
        data = (NPM / "node_modules" / "pyodide" / name).read_bytes()
        packed = data if name.endswith(".zip") else gzip.compress(data, 9, mtime=0)
        files[name] = [
            _part(f"{name.replace('.', '-')}-{at // PART}.js", packed[at : at + PART])
            for at in range(0, len(packed), PART)
        ]
    lock = json.loads((NPM / "node_modules" / "pyodide" / "pyodide-lock.json").read_bytes())
    parts = {"files": files, "lock": {"info": lock["info"], "packages": {}}}
    text = f"globalThis.convolutions.parts = {json.dumps(parts, indent=1)};\n"
    (ASSETS / "parts.js").write_text(text, encoding="utf-8")


def size() -> int:
    """Return how many bytes a page loads in order to have an answer written and run."""
    scripts = [*ASSETS.glob("py*.js"), ASSETS / "editor.js"]
    return sum(path.stat().st_size for path in scripts)


def _part(name: str, data: bytes) -> list[object]:
    (ASSETS / name).write_text(as_script(data), encoding="utf-8")
    return [name, (ASSETS / name).stat().st_size]


def as_script(data: bytes) -> str:
    """Return a script that carries bytes in base64; it sets a property of its own element."""
    return f'document.currentScript.file = "{base64.b64encode(data).decode()}";\n'


def licenses() -> str:
    """Return names, versions and licenses of what the scripts hold, with the texts that came."""
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))
    parts = ["What the practice pages load, with the licenses under which it comes.\n"]
    for place, package in lock["packages"].items():
        if not place or package.get("dev") or package.get("devOptional"):
            continue
        name = place.removeprefix("node_modules/")
        license_name = package.get("license", "see its text")
        parts.append(f"{name} {package['version']}: {license_name}")
        found = sorted((NPM / place).glob("LICENSE*"))
        parts += [path.read_text(encoding="utf-8") for path in found]
    parts.append("Pyodide contains CPython: PSF License Agreement, docs.python.org/3/license.html.")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    main()

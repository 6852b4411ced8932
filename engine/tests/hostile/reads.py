"""Files that are not for students."""

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"
SHOW = (
    """
import glob
for path in {paths}:
    for p in glob.glob(path, recursive=True):
        try: print(p, open(p, errors='replace').read(100000))
        except OSError as e: pass
"""
    + WRONG
)
TARGETS = {
    "the gradebook": "['/**/gradebook.db', '../**/gradebook.db']",
    "the worked answers": "['/**/source/**/*.ipynb', '../../../source/**/*.ipynb']",
    "the released tests of others": "['/**/submitted/**/*.ipynb', '../*/*.ipynb']",
    "the course's settings": "['/**/nbgrader_config.py']",
    "the course's secret": "['/**/secret', '/**/secret*']",
    "accounts": "['/etc/passwd', '/etc/shadow', '/root/.*', '/home/*/.ssh/*']",
    "the environment of the parent": "['/proc/1/environ', '/proc/*/environ']",
    "temporary files of others": "['/tmp/**', '/var/tmp/**', '/dev/shm/**']",
}
SUBMISSIONS = [Hostile(name, SHOW.format(paths=paths)) for name, paths in TARGETS.items()]
SUBMISSIONS.append(Hostile("the environment", "import os\nprint(dict(os.environ))" + WRONG))

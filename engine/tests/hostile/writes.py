"""Grades and files changed from a cell."""

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"
SUBMISSIONS = [
    Hostile("an UPDATE of the gradebook", """
import glob, sqlite3
for p in glob.glob('/**/gradebook.db', recursive=True) + ['gradebook.db', '../gradebook.db']:
    try:
        c = sqlite3.connect(p); c.execute('update grade set auto_score = 2, manual_score = 99'); c.commit()
    except sqlite3.Error as e: print(e)
""" + WRONG),
    Hostile("other submissions overwritten", """
import glob
for p in glob.glob('/**/submitted/**/*.ipynb', recursive=True): open(p, 'w').write('{}')
""" + WRONG),
    Hostile("site-packages changed", """
import torch, os
p = os.path.join(os.path.dirname(torch.__file__), 'hostile.py')
open(p, 'w').write('x = 1')
""" + WRONG),
    Hostile("the engine's source changed", """
import nbexaminer
open(nbexaminer.__file__, 'a').write('# hostile')
""" + WRONG),
    Hostile("a cron job, a profile, a pth file", """
import os
for p in ('/etc/cron.d/x', os.path.expanduser('~/.profile'), '/etc/profile.d/x.sh', '/usr/lib/x.pth'):
    try: open(p, 'w').write('x'); print('wrote', p)
    except OSError as e: print(e)
""" + WRONG),
    Hostile("everything removed", "import shutil\nfor p in ('/', '..', '/tmp', '/home'):\n"
            "    shutil.rmtree(p, ignore_errors=True)" + WRONG),
]  # fmt: skip

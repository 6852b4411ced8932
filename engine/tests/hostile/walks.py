"""Looking for tests and expected values in memory, frames and /proc."""

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"
FIND = "'canary-' + 'test' in str({})"
SUBMISSIONS = [
    Hostile("every object that the collector knows", """
import gc
def add(a, b):
    for o in gc.get_objects():
        try:
            if isinstance(o, (dict, str)) and 'canary-' + 'test' in str(o)[:10000]: print('found', o)
        except Exception: pass
    return 0
"""),
    Hostile("the callers' frames", """
import sys
def add(a, b):
    f = sys._getframe()
    while f:
        for n, v in {**f.f_globals, **f.f_locals}.items():
            if n in ('expected', 'request', 'namespace'): print(n, v)
        f = f.f_back
    return 0
"""),
    Hostile("the stack as inspect sees it", """
import inspect
def add(a, b):
    print([x.code_context for x in inspect.stack()])
    return 0
"""),
    Hostile("the history", "def add(a, b):\n    print(In, Out, _ih, _oh)\n    %history\n    return 0"
            .replace("    %history\n", "    get_ipython().run_line_magic('history', '')\n")),
    Hostile("its own memory", """
def add(a, b):
    hits = 0
    for line in open('/proc/self/maps'):
        if 'rw-p' in line:
            lo, hi = (int(x, 16) for x in line.split()[0].split('-'))
            try:
                f = open('/proc/self/mem', 'rb'); f.seek(lo)
                if b'canary-' + b'test' in f.read(min(hi - lo, 1 << 22)): hits += 1; print('canary-found')
            except (OSError, ValueError): pass
    return 0
"""),
    Hostile("other processes' memory", """
import os
for p in os.listdir('/proc'):
    if p.isdigit() and p != str(os.getpid()):
        for n in ('environ', 'cmdline', 'maps', 'mem'):
            try: print(p, n, open(f'/proc/{p}/{n}', 'rb').read(500))
            except OSError: pass
""" + WRONG),
    Hostile("traceback of the caller", """
import traceback
def add(a, b):
    print(traceback.format_stack())
    return 0
"""),
]  # fmt: skip

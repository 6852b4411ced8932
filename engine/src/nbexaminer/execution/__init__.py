"""Runs notebooks: students' cells apart from the tests, in a sandbox, and only values cross.

On the trusted side `runner` runs a notebook's cells in order. Students' cells run in a process that
a `template` has forked, which a `forkserver` has started; `protocol` is all that passes between.
What runs over there is in `child`, what shuts it in is in `sandbox`.
"""

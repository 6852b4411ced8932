"""Learning management systems: the names, times and rosters that they give, the tables they take.

`systems` has a module for each; `downloads` tells which one wrote a download. `roster` and `times`
read tables, `export` writes points back. `dates`, `tables` and `moodle_tables` know how people and
systems write such things.
"""

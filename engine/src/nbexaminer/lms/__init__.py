"""Learning management systems: the names, times and rosters that they give, the tables they take.

`filenames` reads what a path says by each system's scheme, `roster` and `times` its tables,
`export` writes points back. `moodle`, `dates` and `tables` know how people write such things.
"""

"""Reads source notebooks before a class does: tests that cannot work, or that examine nothing.

`check` is the way in; `names` and `uses` tell what a cell does with students' names, `rules` what
it must not do.
"""

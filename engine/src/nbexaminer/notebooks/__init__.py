"""Submitted notebooks as text: what is in them, and how they are mended. Nothing is run.

`repair` makes of the bytes that came a notebook that can be graded: `matching` finds out which cell
is which, `misplaced` where an answer went, `equivalence` whether a cell says the same as another.
`outputs`, `pictures` and `attachments` make anew what a page may show; `lint` reads the tests.
"""

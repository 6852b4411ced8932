"""The only room that imports nbgrader: a course and its folders, the gradebook, the exchange.

`course` finds things and releases assignments, `marking` has a submission run and judges it,
`gradebook` records what came of it, and `marks` reads what everyone has; `preprocessor` is what
`nbgrader autograde` runs in place of its own `Execute`.
"""

"""Student code apart from the tests: a sandbox, warm forks, and a border that carries values only.

Two processes: `student` and `shell` run over there, `examiner` here. A `zygote`, born in a
`nursery`, forks the one for the other; `sandbox` shuts it in; `border` is all that passes between.
"""

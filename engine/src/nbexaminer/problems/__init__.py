"""What a graded function is: a problem, its cases, how values compare, which mistake was made.

Pure, and apart from all else: a bank of problems imports this room alone. `problem` examines an
answer by `calls` of it, `compare` tells whether a result is the right one, `baseline` whether an
answer works at all, `diagnosis` which misconception it shows, and `counterexample` the smallest
input on which it is wrong (`small` makes inputs, `showing` writes them down); `bank` loads a
course's problems, and `sample_class` draws students from them.
"""

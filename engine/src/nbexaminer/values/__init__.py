"""Values of Python, NumPy and torch: how they cross between processes, and when they are equal.

`codecs` says what is needed of a library; `arrays` and `tensors` have it for NumPy and for torch,
which `libraries` imports only where a course does.
"""

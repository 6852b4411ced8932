"""Answering tasks in the page: what is exported at build, and what runs in the reader's browser.

At build, `assets` fetches Python and the editor, and `export` writes each topic's public cases. In
the browser, `session` runs what a reader writes, and `judge` examines it on those cases. `wire`
carries values from one to the other. `torch` is the stand-in for PyTorch: nothing at build may
have this folder on its path.
"""

"""The command line, one module a command; `main` reads the arguments and runs it."""

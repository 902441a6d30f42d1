"""The command line, one module per group of commands.

These modules declare arguments and print; whatever is heavy is imported inside the commands, so
that `retusche --help` answers at once.
"""

"""The anonymize step, measured: `python -m benchmarks.anonymize`.

The truth is made here: cut-out people at known places in clean photos (`scenes`). Then: what the
detector finds (`recall`), what an independent detector still sees afterwards (`residue`), how
close the fill comes to the picture without people (`fill`), and what it costs (`cost`).
"""

"""One module for each format that is read: the header first, by our own eyes, then the pixels by a library.

A reader takes a file apart itself, keeps the metadata it wants, and hands the decoder only what it needs for
the pixels. So nothing but pixels is ever parsed by a library, text is never unpacked, and no library warns.
"""

"""jadice flow: its client interface over our templates, its worker's form, and the files of its controller.

What of it is documented and what is assumed stands in docs/jadice-flow.md.
"""

"""From a request to a created job: checks, files, rows, the doorbell.

`requests` is what a caller writes, `chain` and `items` check it, `shelf` stores what came with it, `job`
creates. Nothing here speaks HTTP: the API reads bodies and turns `Rejected` into problems.
"""

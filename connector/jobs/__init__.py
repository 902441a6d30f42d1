"""What a job is, and how it moves: the database is the truth.

`tables` are the rows, `states` the state machine, `changes` the one way in which a state changes.
Each verb is a module: `create`, `claim`, `finish`, `cancel`, `retry`, `reap`, `purge`; `read` and
`events` look, `waiting` says what waits, `work` is the life of one claimed item in a worker.

Every verb takes an open transaction and the time, so that it can be tested without a clock:
`database.Database.write` runs it, and again if the database asks for that.
"""

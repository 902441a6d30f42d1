"""What a job is, and how it moves: the database is the truth.

`tables` are the rows, `states` the state machine, `changes` the one way in which a state changes.
Each verb is a module: `create`, `claim`, `finish`, `cancel`, `retry`, `reap`, `purge`; `read` looks,
`waiting` says what waits. What a worker does with a claimed item is `connector.work`.

Every verb takes an open transaction and the time, so that it can be tested without a clock:
`database.Database.write` runs it, and again if the database asks for that.
"""

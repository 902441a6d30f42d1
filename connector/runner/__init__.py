"""The work's own processes: the event loop hands a picture over and never computes itself.

`pool.Runner` keeps N worker processes; `process.WorkerProcess` is the life of one; `worker.serve`
is what runs inside it. A library was weighed (pebble): it can only kill a task, not ask it to
stop, so that each disconnected client would cost a reload of the models.
"""

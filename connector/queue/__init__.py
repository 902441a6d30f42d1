"""The doorbell and who answers it: Celery's app and its one task, workers, keeper, supervisor.

The database is the truth (`connector.jobs`); a message says no more than "look". So it may be lost, come
twice or late, and the broker may be away: each costs seconds, never an item.
"""

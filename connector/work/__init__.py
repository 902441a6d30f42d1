"""What a worker does with an item: claim, load, run the chain of steps, store, finish.

Plain code without a queue and without HTTP; `connector.queue` calls it when a doorbell rings.
"""

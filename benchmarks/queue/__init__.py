"""The durable path with a step that does nothing: what remains is its own cost, beside Celery's and LitServe's."""

"""Callbacks: signed as Standard Webhooks asks, sent through the guard, tried again on a schedule.

What is owed to whom is kept elsewhere; here one attempt is made, and its outcome told.
"""

"""Who calls, what they may do, and how much: API keys, tokens of an OpenID provider, rates.

Knows nothing of routes; `callers` is what a route declares.
"""

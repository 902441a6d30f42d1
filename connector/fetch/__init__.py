"""The only place that opens a URL that a caller named.

Https to public addresses, checked before the connection and pinned to it; redirects checked anew; bytes
and seconds limited. What an operator lists in the policy may lie inside.
"""

from connector.fetch.client import Answer, Fetched, Source, fetch, fetch_chunks, post
from connector.fetch.errors import Reason, SourceUnreachable
from connector.fetch.policy import Policy
from connector.fetch.resolve import Resolver, system_resolver

__all__ = [
    "Answer",
    "Fetched",
    "Policy",
    "Reason",
    "Resolver",
    "Source",
    "SourceUnreachable",
    "fetch",
    "fetch_chunks",
    "post",
    "system_resolver",
]

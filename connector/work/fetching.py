"""A part by its URL: fetched by the worker, through the guard, just before the work."""

from collections.abc import Callable

from connector.fetch import Policy, Resolver, SourceUnreachable, buckets, fetch, system_resolver
from connector.jobs.model import ClaimedPart
from connector.settings import Settings
from connector.work.attempt import FetchPart
from steps.errors import ImageTooLarge
from steps.imaging.limits import Limits


def policy_of(settings: Settings, limits: Limits | None = None) -> Policy:
    """Return the guard's rules for this installation; a file may be as large as the steps take.

    Raises:
        ValueError: an entry of `fetch_hosts` or `source_hosts` is no origin.
    """
    hosts = settings.fetch_hosts | settings.source_hosts
    buckets = settings.source_buckets
    if limits is None:
        return Policy(allowed_hosts=hosts, listed_buckets=buckets)
    return Policy(allowed_hosts=hosts, listed_buckets=buckets, max_bytes=limits.max_bytes)


def callback_policy_of(settings: Settings) -> Policy:
    """Return the guard's rules for callbacks: an engine inside may be called although no source lies there.

    Raises:
        ValueError: an entry of `fetch_hosts` or `callback_hosts` is no origin.
    """
    return Policy(allowed_hosts=settings.fetch_hosts | settings.callback_hosts)


def fetcher(policy: Policy, resolver: Resolver = system_resolver) -> FetchPart:
    """Return how a worker gets a part's bytes.

    It raises:
        SourceUnreachable: with the URL's part named.
        ImageTooLarge: more bytes than the policy allows.
        Cancelled: the work is to stop.
    """

    def fetch_part(part: ClaimedPart, is_stopped: Callable[[], bool]) -> bytes:
        if part.url is None:
            raise ValueError(f"part {part.id} has neither a file nor a URL")
        name = part.filename or part.role
        try:
            if buckets.is_object(part.url):
                return buckets.read(part.url, policy.listed_buckets, policy.max_bytes, is_stopped)
            found = fetch(part.url, policy, resolver=resolver, is_cancelled=is_stopped)
        except SourceUnreachable as error:
            raise SourceUnreachable(error.reason, error.detail, pointer=name) from None
        except ImageTooLarge as error:
            raise ImageTooLarge(error.detail, pointer=name) from None
        return found.content

    return fetch_part

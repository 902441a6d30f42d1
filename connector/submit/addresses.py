"""What a part's URL means: bytes in the URL itself, a file of this service, or an address to fetch."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from connector import data_urls
from connector.fetch import Policy, SourceUnreachable, buckets
from connector.fetch.naming import filename, media_type
from connector.fetch.targets import Target
from connector.jobs.ids import LENGTH
from connector.submit.shelf import Reference

ACCEPTED = "https: URLs, s3: URLs of listed buckets, data: URLs, /v1/files/{id} and result links of this service"

_ID = f"([0-9A-Z]{{{LENGTH}}})"
_OURS = re.compile(rf"/v1/(?:files/{_ID}(?:/content)?|jobs/{_ID}/parts/{_ID}/content)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Address:
    """A part's URL, understood; exactly one of content, reference and url is set."""

    content: bytes | None = None
    """Of a `data:` URL."""
    reference: Reference | None = None
    """To a file of this service."""
    url: str | None = None
    """To be fetched by the worker."""
    mime_type: str = ""
    filename: str = ""


class AddressInvalid(ValueError):
    """The URL cannot be used; `code` says which kind of fault it is."""

    def __init__(self, detail: str, code: str = "request-invalid") -> None:
        """Keep one sentence for the caller."""
        super().__init__(detail)
        self.code = code


def understood(url: str, bases: tuple[str, ...], policy: Policy) -> Address:
    """Return what a URL means.

    Args:
        url: as the caller wrote it.
        bases: addresses of this service, as "https://images.example".
        policy: what may be fetched; names are not resolved here.

    Raises:
        AddressInvalid: it is none of what is accepted.
    """
    if url[:5].lower() == "data:":
        try:
            mime_type, content = data_urls.decode(url)
        except ValueError as error:
            raise AddressInvalid(str(error)) from None
        return Address(content=content, mime_type=media_type(mime_type)[:128])
    for base in ("", *bases):
        if url.startswith(f"{base}/v1/"):
            return _own(url[len(base) :])
    if buckets.is_object(url):
        try:
            buckets.admit(url, policy.listed_buckets)
        except SourceUnreachable as error:
            raise AddressInvalid(error.detail, error.code) from None
        return Address(url=url, filename=filename("", urlsplit(url).path))
    if not url[:8].lower().startswith(("https://", "http://")):
        scheme = url.partition(":")[0][:20]
        raise AddressInvalid(f"{scheme!r} is not taken here; accepted: {ACCEPTED}")
    try:
        target = Target.parse(url)
        policy.admit(target)
    except SourceUnreachable as error:
        raise AddressInvalid(error.detail, error.code) from None
    return Address(url=url, filename=filename("", target.url.path))


def _own(path: str) -> Address:
    found = _OURS.fullmatch(urlsplit(path).path)
    if not found:
        raise AddressInvalid(f"no file of this service lies there; accepted: {ACCEPTED}")
    upload, job, part = found.groups()
    return Address(reference=("", upload) if upload else (job, part))

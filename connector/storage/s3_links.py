"""The name and type of a download, signed into an S3 link.

The library signs a link to an object and nothing more. S3 answers with the Content-Type and
Content-Disposition that the link's query asks for, if the signature covers them: so two parameters
are added to the library's link and the signature is computed anew (AWS Signature Version 4,
"Authenticating Requests: Using Query Parameters", Amazon S3 API Reference).
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs; the access key's id is in the library's link already."""

    secret_access_key: str = field(repr=False)


def with_answer_headers(link: str, keys: Keys, *, mime_type: str, disposition: str) -> str:
    """Return the link, extended and signed again.

    Args:
        link: a GET link signed with the same keys, all of whose parameters are SigV4's.
        keys: the keys that signed it.
        mime_type: the Content-Type of the answer.
        disposition: the Content-Disposition of the answer.
    """
    parts = urlsplit(link)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    del query["X-Amz-Signature"]
    query["response-content-type"] = mime_type
    query["response-content-disposition"] = disposition
    return urlunsplit(parts._replace(query=signed_query(parts.path, parts.netloc, query, keys)))


def signed_query(path: str, host: str, query: dict[str, str], keys: Keys) -> str:
    """Return the canonical query of a GET with its signature; path and query as they are sent."""
    canonical = "&".join(
        f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(query.items())
    )
    request = f"GET\n{path}\n{canonical}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    scope = query["X-Amz-Credential"].partition("/")[2]
    text = "\n".join(
        (
            "AWS4-HMAC-SHA256",
            query["X-Amz-Date"],
            scope,
            hashlib.sha256(request.encode()).hexdigest(),
        )
    )
    key = f"AWS4{keys.secret_access_key}".encode()
    for word in scope.split("/"):
        key = hmac.digest(key, word.encode(), "sha256")
    return f"{canonical}&X-Amz-Signature={hmac.digest(key, text.encode(), 'sha256').hex()}"


def attachment(filename: str) -> str:
    """Return the Content-Disposition that saves under a name (RFC 6266), whatever the name holds."""
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in filename
    )
    extended = quote(filename, safe="", errors="replace")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{extended}"

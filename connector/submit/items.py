"""The items of a job: checked one by one and stored in chunks, so that a hundred thousand fit into memory."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from connector.fetch import Policy
from connector.jobs.model import NewItem, NewPart
from connector.jobs.uploads import KnownFile
from connector.submit.addresses import Address, AddressInvalid, understood
from connector.submit.chain import Chain
from connector.submit.rejected import Rejected, at
from connector.submit.requests import MAX_NAME, JobItem, JobPart
from connector.submit.shelf import Reference, Shelf
from steps import validation
from steps.contract import PartType
from steps.errors import InvalidParameters

CHUNK = 200
"""Items whose files are stored together."""
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class _Draft:
    """An item whose files are not looked up yet."""

    name: str
    item: JobItem
    addresses: tuple[Address, ...]


class ItemReader:
    """Turns what a caller wrote into items."""

    def __init__(self, chain: Chain, shelf: Shelf, bases: tuple[str, ...], policy: Policy) -> None:
        """Prepare.

        Args:
            chain: what the items run through.
            shelf: takes the files that came with them.
            bases: addresses of this service.
            policy: what may be fetched.
        """
        self._chain, self._shelf, self._bases, self._policy = chain, shelf, bases, policy
        self._names: set[str] = set()

    def read(self, given: list[object]) -> list[NewItem]:
        """Return the items. `given` is emptied on the way: both at once would take twice the memory.

        Raises:
            Rejected: names the field at fault; nothing is to be created then.
            StorageError, DatabaseUnavailable: a file could not be stored.
        """
        found: list[NewItem] = []
        for start in range(0, len(given), CHUNK):
            drafts = []
            for index in range(start, min(start + CHUNK, len(given))):
                drafts.append(self._draft(given[index], index))
                given[index] = None
            found += self._stored(drafts, start)
        return found

    def _draft(self, given: object, index: int) -> _Draft:
        prefix = f"/items/{index}"
        if not isinstance(given, dict):
            raise at(prefix, "must be a JSON object with `parts`")
        try:
            item = validation.validate(JobItem, given)
        except InvalidParameters as error:
            errors = tuple((prefix + pointer, detail) for pointer, detail in error.errors)
            detail = "; ".join(f"{pointer}: {text}" for pointer, text in errors)
            raise Rejected("request-invalid", detail, errors=errors) from None
        name = item.id if item.id is not None else str(index + 1)
        if name in self._names:
            raise at(f"{prefix}/id", f"{name!r} is the id of an earlier item; ids are unique")
        self._names.add(name)
        self._check_roles(item, prefix)
        return _Draft(name, item, tuple(self._addresses(item, prefix)))

    def _check_roles(self, item: JobItem, prefix: str) -> None:
        roles = set()
        for index, part in enumerate(item.parts):
            if part.type is PartType.META:
                continue
            roles.add(part.role)
            if part.role not in self._chain.accepted:
                accepted = ", ".join(sorted(self._chain.accepted))
                detail = f"no step of the chain takes a {part.role.value!r}; taken: {accepted}"
                raise at(f"{prefix}/parts/{index}/role", detail, "item-invalid")
        for role, step in self._chain.required.items():
            if role not in roles:
                detail = f"step {step!r} needs a part of role {role.value!r}"
                raise at(f"{prefix}/parts", detail, "item-invalid")

    def _addresses(self, item: JobItem, prefix: str) -> list[Address]:
        found = []
        for index, part in enumerate(item.parts):
            try:
                found.append(understood(part.url, self._bases, self._policy))
            except AddressInvalid as error:
                raise at(f"{prefix}/parts/{index}/url", str(error), error.code) from None
        return found

    def _stored(self, drafts: Sequence[_Draft], start: int) -> list[NewItem]:
        addresses = [address for draft in drafts for address in draft.addresses]
        contents = [each.content for each in addresses if each.content is not None]
        references = {each.reference for each in addresses if each.reference is not None}
        stored, known = self._shelf.store(contents, references)
        files = iter(stored)
        items = []
        for index, draft in enumerate(drafts, start):
            parts = []
            for number, (part, address) in enumerate(
                zip(draft.item.parts, draft.addresses, strict=True)
            ):
                file = next(files) if address.content is not None else None
                if address.reference is not None:
                    pointer = f"/items/{index}/parts/{number}/url"
                    file = _known(known, address.reference, pointer)
                parts.append(_part(part, address, file))
            items.append(
                NewItem(
                    name=draft.name,
                    parts=tuple(parts),
                    index_data=draft.item.index_data,
                    processing_properties=draft.item.processing_properties,
                )
            )
        return items


def plain_filename(given: str) -> str:
    """Return a name without folders and control characters: it comes back in headers and archives."""
    return re.sub(r"[\x00-\x1f\x7f]", "", re.split(r"[/\\]", given)[-1])[:MAX_NAME]


def _known(known: dict[Reference, KnownFile], reference: Reference, pointer: str) -> KnownFile:
    try:
        return known[reference]
    except KeyError:
        detail = "there is no such file (any more); upload it again"
        raise at(pointer, detail, "source-unreachable") from None


def _part(part: JobPart, address: Address, file: KnownFile | None) -> NewPart:
    given = file or KnownFile(sha256="", size_bytes=0, filename="", mime_type="")
    return NewPart(
        type=part.type.value,
        role=part.role.value,
        filename=plain_filename(part.filename) or given.filename or address.filename,
        mime_type=part.mime_type or address.mime_type or given.mime_type or UNKNOWN_TYPE,
        sha256=given.sha256 or None,
        size_bytes=given.size_bytes,
        url=address.url,
    )

"""Which tokens open the door, and how each of the others fails: by a provider with real keys."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connector.auth.errors import CredentialInvalid
from connector.auth.issuer import Issuer
from connector.auth.scopes import Scope
from connector.auth.settings import AccessSettings
from connector.auth.tokens import Tokens
from tests.connector.auth.provider import Provider, ec_key, ed_key, public_jwk, rsa_key

pytestmark = pytest.mark.anyio


def reader(provider: Provider, **more: Any) -> Tokens:
    settings = AccessSettings(**provider.settings(**more))
    return Tokens(settings, Issuer(settings))


async def refused(tokens: Tokens, token: str) -> str:
    """Read, and return why the token is refused."""
    with pytest.raises(CredentialInvalid) as caught:
        await tokens.read(token)
    challenge = caught.value.headers["WWW-Authenticate"]
    assert 'error="invalid_token"' in challenge
    assert caught.value.detail in challenge
    assert token not in challenge
    return caught.value.detail


def by_hand(head: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """Return a token that no library would make."""
    parts = [json.dumps(head).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def test_a_good_token(provider: Provider) -> None:
    assert await reader(provider).read(provider.token()) == (
        "oidc:portal",
        frozenset({Scope.STEPS_RUN, Scope.JOBS_READ}),
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": int(time.time()) - 60}, "expired"),
        ({"nbf": int(time.time()) + 600}, "not valid yet"),
        ({"iat": int(time.time()) + 600}, "not valid yet"),
        ({"aud": "another"}, "another audience"),
        ({"aud": ["a", "b"]}, "another audience"),
        ({"aud": None}, "lacks exp, iss or aud"),
        ({"exp": None}, "lacks exp, iss or aud"),
        ({"iss": None}, "lacks exp, iss or aud"),
        ({"iss": "https://evil.example/realms/house"}, "another issuer"),
        ({"azp": None}, "names no client"),
        ({"azp": ["portal"]}, "names no client"),
    ],
)
async def test_claims_that_are_refused(
    provider: Provider, changes: dict[str, Any], why: str
) -> None:
    assert why in await refused(reader(provider), provider.token(**changes))


async def test_clocks_may_differ_a_little(provider: Provider) -> None:
    token = provider.token(exp=int(time.time()) - 5, nbf=int(time.time()) + 5)
    await reader(provider).read(token)
    await refused(reader(provider, oidc_leeway_seconds=0), token)


async def test_one_of_several_audiences_is_enough(provider: Provider) -> None:
    tokens = reader(provider, oidc_audience="images,retusche")
    assert (await tokens.read(provider.token(aud=["x", "images"])))[0] == "oidc:portal"


async def test_no_signature_is_none(provider: Provider) -> None:
    for algorithm in ("none", "None", "nOnE", ""):
        head = {"alg": algorithm, "kid": "one"}
        await refused(reader(provider), by_hand(head, provider.claims()))


async def test_the_public_key_is_no_shared_secret(provider: Provider) -> None:
    """Algorithm confusion: HMAC with the provider's public key, in the forms that libraries load."""
    public = rsa_key().public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(provider.keys[0]).encode(),
    ):
        unsigned = by_hand({"alg": "HS256", "kid": "one"}, provider.claims()).rstrip(".")
        signature = hmac.digest(secret, unsigned.encode(), hashlib.sha256)
        signed = f"{unsigned}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
        assert "not taken" in await refused(reader(provider), signed)


async def test_a_symmetric_key_in_the_key_set_is_not_used(provider: Provider) -> None:
    secret = b"0123456789abcdef0123456789abcdef"
    provider.shows({"kty": "oct", "kid": "one", "k": base64.urlsafe_b64encode(secret).decode()})
    token = jwt.encode(provider.claims(), secret, "HS256", {"kid": "one"})
    await refused(reader(provider), token)


async def test_another_ones_key(provider: Provider) -> None:
    assert "signature" in await refused(reader(provider), provider.token(rsa_key(1)))


async def test_a_changed_claim(provider: Provider) -> None:
    head, _, signature = provider.token().split(".")
    changed = by_hand({}, provider.claims(scope="jobs:cancel")).split(".")[1]
    assert "signature" in await refused(reader(provider), f"{head}.{changed}.{signature}")


@pytest.mark.parametrize("field", ["jku", "x5u", "jwk"])
async def test_a_token_that_brings_its_own_key(provider: Provider, field: str) -> None:
    own = public_jwk("RS256", rsa_key(1), kid="own")
    value: Any = own if field == "jwk" else "https://evil.example/keys"
    token = jwt.encode(provider.claims(), rsa_key(1), "RS256", {"kid": "own", field: value})
    assert "does not have" in await refused(reader(provider), token)


@pytest.mark.parametrize("field", [{"b64": False}, {"x": 1}])
async def test_what_must_be_understood_and_is_not(
    provider: Provider, field: dict[str, Any]
) -> None:
    head = {"kid": "one", "crit": list(field), **field}
    await refused(reader(provider), jwt.encode(provider.claims(), rsa_key(), "RS256", head))


@pytest.mark.parametrize(
    ("algorithm", "key"), [("ES256", ec_key), ("EdDSA", ed_key), ("PS256", rsa_key)]
)
async def test_other_kinds_of_keys(provider: Provider, algorithm: str, key: Any) -> None:
    kind = "RS256" if algorithm == "PS256" else algorithm
    provider.shows(public_jwk(kind, key(), kid="two"))
    token = provider.token(key(), algorithm, "two")
    assert (await reader(provider).read(token))[0] == "oidc:portal"


async def test_a_key_is_for_its_own_algorithm_alone(provider: Provider) -> None:
    await refused(reader(provider), provider.token(algorithm="PS256"))  # it says alg: RS256
    provider.shows(public_jwk("RS256", rsa_key(), kid="one"))
    await refused(reader(provider), provider.token(ec_key(), "ES256"))


async def test_what_the_operator_does_not_take(provider: Provider) -> None:
    provider.shows(public_jwk("RS256", rsa_key(), kid="one"))
    assert "not taken" in await refused(reader(provider), provider.token(algorithm="RS512"))
    tokens = reader(provider, oidc_algorithms="RS512")
    assert (await tokens.read(provider.token(algorithm="RS512")))[0] == "oidc:portal"


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
async def test_keys_that_are_not_for_signatures_or_too_short(provider: Provider) -> None:
    provider.shows(public_jwk("RS256", rsa_key(), kid="one", use="enc"))
    await refused(reader(provider), provider.token())
    provider.shows(public_jwk("RS256", rsa_key(0, 1024), kid="one"))
    await refused(reader(provider), provider.token(rsa_key(0, 1024)))
    provider.shows({"kty": "RSA", "kid": "one", "n": "!", "e": "AQAB"})
    await refused(reader(provider), provider.token())


async def test_without_a_key_id_only_one_key_can_be_meant(provider: Provider) -> None:
    token = provider.token(kid=None)
    assert (await reader(provider).read(token))[0] == "oidc:portal"
    provider.shows(*provider.keys, public_jwk("RS256", rsa_key(1), kid="two"))
    await refused(reader(provider), token)


@pytest.mark.parametrize("token", ["x", "a.b.c", "a.b.c.d.e", "..", "é", "x" * 20_000, "e30.e30."])
async def test_what_is_no_token(provider: Provider, token: str) -> None:
    await refused(reader(provider), token)


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "jobs:read other"},
        {"scope": None, "scp": ["jobs:read"]},
        {"scope": None, "scp": "x jobs:read"},
        {"scope": ["jobs:read", 7]},
    ],
)
async def test_scopes_in_a_string_or_a_list(provider: Provider, claims: dict[str, Any]) -> None:
    assert (await reader(provider).read(provider.token(**claims)))[1] == {Scope.JOBS_READ}


async def test_roles_as_scopes(provider: Provider) -> None:
    named = "https://x.example/scopes"
    tokens = reader(provider, oidc_scope_claims=f"resource_access.retusche.roles,{named}")
    claims: dict[str, Any] = {
        "resource_access": {"retusche": {"roles": ["jobs:read"]}},
        named: "steps:run",
    }
    token = provider.token(**claims)
    assert (await tokens.read(token))[1] == {Scope.JOBS_READ, Scope.STEPS_RUN}
    broken = provider.token(resource_access=["jobs:read"])
    assert (await tokens.read(broken))[1] == set()


async def test_whose_token_it_is(provider: Provider) -> None:
    by_id = provider.token(azp=None, client_id="engine")
    assert (await reader(provider).read(by_id))[0] == "oidc:engine"
    assert (await reader(provider, oidc_client_claims="sub").read(by_id))[0] == "oidc:user-1"


@pytest.mark.parametrize("name", ["x" * 60, "a\x00b", "line\nbreak", "\ud800"])
async def test_names_that_no_column_holds_are_hashed(provider: Provider, name: str) -> None:
    client, _ = await reader(provider).read(provider.token(azp=name))
    assert len(client) <= 64
    assert client.isascii()
    assert client.isprintable()
    assert client.startswith("oidc:")

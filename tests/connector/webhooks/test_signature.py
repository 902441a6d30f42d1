import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.webhooks.signature import (
    SignatureInvalid,
    key_of,
    new_secret,
    sign,
    sign_body,
    signed_headers,
    verify,
)

SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = base64.b64encode(b"o" * 32).decode()
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
STAMP = 1614265330
BODY = b'{"test": 2432232314}'
EXPECTED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", [SECRET, "whsec_" + SECRET])
def test_the_check_vector_of_the_contract(secret: str) -> None:
    assert sign(MESSAGE, STAMP, BODY, secret) == EXPECTED


def test_the_body_alone_by_the_decoded_key() -> None:
    expected = hmac.new(base64.b64decode(SECRET), BODY, hashlib.sha256).hexdigest()
    assert sign_body(BODY, SECRET) == f"sha256={expected}"


def test_a_new_secret_is_fresh_and_its_key_is_text_that_camunda_can_take() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    for secret in secrets:
        assert secret.startswith("whsec_")
        text = key_of(secret).decode("ascii")
        assert text.isalnum()
        assert len(text) == 43


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_short", "whsec_" + "ä" * 40, base64.b64encode(b"x" * 23).decode(),
     base64.b64encode(b"x" * 65).decode(), SECRET[:-1]],
)  # fmt: skip
def test_what_is_no_secret_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="webhook secret") as caught:
        key_of(secret)
    assert len(secret) < 8 or secret.removeprefix("whsec_") not in str(caught.value)


@pytest.mark.parametrize("message_id", ["", "a.b"])
def test_an_id_that_would_make_the_content_ambiguous(message_id: str) -> None:
    with pytest.raises(ValueError, match="message id"):
        sign(message_id, STAMP, BODY, SECRET)


@given(st.binary())
def test_what_is_signed_verifies(body: bytes) -> None:
    headers = signed_headers(MESSAGE, STAMP, body, [SECRET])
    verify({name.upper(): value for name, value in headers.items()}, body, SECRET, now=STAMP)


def test_both_secrets_verify_while_one_replaces_the_other() -> None:
    headers = signed_headers(MESSAGE, STAMP, BODY, [OTHER, SECRET])
    assert headers["webhook-signature"].split(" ")[1] == EXPECTED
    assert headers["X-Signature-256"] == sign_body(BODY, OTHER)
    for secret in (SECRET, OTHER):
        verify(headers, BODY, secret, now=STAMP)


def test_nothing_leaves_unsigned() -> None:
    with pytest.raises(ValueError, match="at least one secret"):
        signed_headers(MESSAGE, STAMP, BODY, [])


@pytest.mark.parametrize(
    ("change", "body", "secret", "now", "word"),
    [
        ({}, BODY + b" ", SECRET, STAMP, "none of the signatures"),
        ({}, BODY, OTHER, STAMP, "none of the signatures"),
        ({"webhook-id": "msg_other"}, BODY, SECRET, STAMP, "none of the signatures"),
        ({"webhook-timestamp": str(STAMP + 1)}, BODY, SECRET, STAMP, "none of the signatures"),
        ({"webhook-signature": EXPECTED[3:]}, BODY, SECRET, STAMP, "none of the signatures"),
        ({"webhook-signature": "v1a," + EXPECTED[3:]}, BODY, SECRET, STAMP, "none of the"),
        ({"webhook-signature": "ä"}, BODY, SECRET, STAMP, "none of the signatures"),
        ({"webhook-timestamp": "now"}, BODY, SECRET, STAMP, "no number"),
        ({}, BODY, SECRET, STAMP + 301, "off"),
        ({}, BODY, SECRET, STAMP - 301, "off"),
    ],
)
def test_what_does_not_verify(
    change: dict[str, str], body: bytes, secret: str, now: int, word: str
) -> None:
    headers = signed_headers(MESSAGE, STAMP, BODY, [SECRET]) | change
    with pytest.raises(SignatureInvalid, match=word):
        verify(headers, body, secret, now=now)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name: str) -> None:
    headers = signed_headers(MESSAGE, STAMP, BODY, [SECRET])
    del headers[name]
    with pytest.raises(SignatureInvalid, match=name):
        verify(headers, BODY, SECRET, now=STAMP)

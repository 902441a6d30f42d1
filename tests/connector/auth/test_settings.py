"""What the service may be configured with, and what a wrong setting is told."""

from typing import Any

import pytest
from pydantic import ValidationError

from connector.settings import Settings
from connector.work.fetching import callback_policy_of, policy_of

OIDC = {
    "auth": "oidc",
    "oidc_issuer": "https://login.example/realms/house",
    "oidc_audience": "retusche",
}


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("none", set()),
        ("", set()),
        ("keys", {"keys"}),
        ("keys, oidc", {"keys", "oidc"}),
        ('["keys"]', {"keys"}),
    ],
)
def test_forms_of_authentication(
    monkeypatch: pytest.MonkeyPatch, text: str, forms: set[str]
) -> None:
    for name, value in (OIDC if "oidc" in forms else {}).items():
        monkeypatch.setenv(f"RETUSCHE_{name.upper()}", value)
    monkeypatch.setenv("RETUSCHE_AUTH", text)
    assert Settings().auth == forms


def settings(**given: Any) -> Settings:
    return Settings(**given)


@pytest.mark.parametrize("given", [{"auth": "keys"}, OIDC, {"allow_remote": True}])
def test_who_is_asked_may_come_from_elsewhere(given: dict[str, Any]) -> None:
    assert settings(host="0.0.0.0", **given).host == "0.0.0.0"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"host": "0.0.0.0"}, "RETUSCHE_AUTH=keys.*retusche keys create"),
        ({"auth": "passwords"}, "keys"),
        ({"auth": "oidc"}, "RETUSCHE_OIDC_ISSUER.*RETUSCHE_OIDC_AUDIENCE"),
        (OIDC | {"oidc_audience": ""}, "RETUSCHE_OIDC_AUDIENCE"),
        ({"oidc_issuer": "https://login.example"}, "RETUSCHE_AUTH does not name oidc"),
        (OIDC | {"oidc_issuer": "http://login.example"}, "no https: address"),
        (OIDC | {"oidc_jwks_url": "http://keys.example/"}, "no https: address"),
        (OIDC | {"oidc_algorithms": "HS256"}, "accepted: ES256"),
        (OIDC | {"oidc_algorithms": "none"}, "accepted: ES256"),
        (OIDC | {"oidc_algorithms": ""}, "accepted: ES256"),
        (OIDC | {"oidc_client_claims": ""}, "name a claim"),
        ({"cors_origins": "*"}, "without wildcards"),
        ({"cors_origins": "https://*.example"}, "without wildcards"),
        ({"cors_origins": "null"}, "is no origin"),
        ({"cors_origins": "https://portal.example/"}, "without a path"),
    ],
)
def test_what_is_refused_says_what_is_needed(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        settings(**given)


def test_no_password_is_in_what_settings_say_of_themselves() -> None:
    secret = "hunter2"
    urls = {
        "database_url": f"postgresql+psycopg://u:{secret}@h/n",
        "broker_url": f"amqp://u:{secret}@h//",
        "files_url": f"s3://k:{secret}@b/p",
    }
    assert secret not in repr(settings(**urls))
    with pytest.raises(ValidationError) as caught:
        settings(**urls, host="0.0.0.0")
    assert secret not in str(caught.value)
    with pytest.raises(ValidationError) as caught:
        settings(auth=secret)
    assert secret not in str(caught.value)


def test_sources_and_callbacks_have_lists_of_their_own() -> None:
    found = settings(
        fetch_hosts="both.internal",
        source_hosts="https://store.internal:9443",
        callback_hosts='["http://engine.internal:5678"]',
    )
    assert policy_of(found).allowed_hosts == {"both.internal", "https://store.internal:9443"}
    assert callback_policy_of(found).allowed_hosts == {
        "both.internal",
        "http://engine.internal:5678",
    }

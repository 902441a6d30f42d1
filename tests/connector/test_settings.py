import pytest
from pydantic import ValidationError

from connector.loopback import is_loopback
from connector.settings import Settings


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost"])
def test_loopback_is_accepted(host: str) -> None:
    assert Settings(host=host).host == host


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "localhost.evil.org", ""]
)
def test_anything_else_is_refused_with_the_reason(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(ValidationError, match="without API keys"):
        Settings(host=host)


def test_variables_set_what_they_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETUSCHE_WORKERS", "3")
    monkeypatch.setenv("RETUSCHE_WEIGHTS_DIR", "/elsewhere")
    assert Settings().workers == 3


def test_threads_times_workers_are_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RETUSCHE_THREADS", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert Settings(workers=3).environment().threads == 2
    assert Settings(workers=16).environment().threads == 1
    monkeypatch.setenv("RETUSCHE_THREADS", "5")
    assert Settings(workers=3).environment().threads == 5


def test_every_setting_says_what_it_is() -> None:
    assert [n for n, f in Settings.model_fields.items() if not f.description] == []

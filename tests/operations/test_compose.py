"""What docker-compose.yml promises. `make check` holds it against the schema of the Compose specification."""

import re

import pytest

from tests.operations.files import ONE_SHOT, ROOT, compose, ours, seconds, services

SECRET = re.compile(r"PASSWORD|PASS$|SECRET|ACCESS_KEY|DATABASE_URL|BROKER_URL")
STANDING = sorted(set(services()) - ONE_SHOT)


@pytest.mark.parametrize("name", STANDING)
def test_a_service_that_stays_has_a_health_check(name: str) -> None:
    check = services()[name]["healthcheck"]
    assert check["test"][0] == "CMD"  # the exec form
    assert {"interval", "timeout", "start_period", "retries"} <= check.keys()
    assert "curl" not in check["test"]


@pytest.mark.parametrize("name", STANDING)
def test_a_service_that_stays_comes_back_and_gets_time_to_end(name: str) -> None:
    assert services()[name]["restart"] == "unless-stopped"
    assert seconds(services()[name]["stop_grace_period"]) >= 30


@pytest.mark.parametrize("name", sorted(ONE_SHOT))
def test_a_service_that_ends_is_waited_for(name: str) -> None:
    assert services()[name]["healthcheck"] == {"disable": True}
    assert services()[name]["restart"].startswith("on-failure")
    conditions = [
        other["depends_on"][name]["condition"]
        for other in services().values()
        if name in other.get("depends_on", {})
    ]
    assert conditions
    assert set(conditions) == {"service_completed_successfully"}


@pytest.mark.parametrize("name", sorted(services()))
def test_every_service_is_bounded(name: str) -> None:
    limits = services()[name]["deploy"]["resources"]["limits"]
    assert {"cpus", "memory"} <= limits.keys()
    assert "no-new-privileges:true" in services()[name]["security_opt"]


@pytest.mark.parametrize("name", sorted(ours()))
def test_ours_run_without_rights(name: str) -> None:
    service = ours()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert "user" not in service  # the image's own, which is not root
    assert service["build"]["target"] in {"light", "gpu"}
    assert service["image"] == f"retusche:{service['build']['target']}"


@pytest.mark.parametrize("name", sorted(set(ours()) - ONE_SHOT))
def test_ours_wait_for_the_migrations(name: str) -> None:
    needed = ours()[name]["depends_on"]
    assert needed["migrate"]["condition"] == "service_completed_successfully"
    assert needed["rabbitmq"]["condition"] == "service_healthy"
    assert needed["files"]["condition"] == "service_healthy"


def test_the_gpu_worker_is_asked_for() -> None:
    assert [name for name, each in services().items() if "profiles" in each] == ["gpu-worker"]


def test_nothing_is_published_beyond_loopback() -> None:
    published = [port for each in services().values() for port in each.get("ports", [])]
    assert len(published) == 2
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_database_broker_and_store_are_reached_from_inside_alone() -> None:
    assert compose()["networks"]["inside"]["internal"] is True
    for name in ("postgres", "rabbitmq", "files"):
        assert services()[name]["networks"] == ["inside"]
        assert "ports" not in services()[name]


def test_it_refuses_to_start_without_secrets() -> None:
    asked = set()
    for service in services().values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name):
                asked |= set(re.findall(r"\$\{(\w+):\?", value))
                assert "${" in value
                assert ":-" not in value
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    assert set(example) == asked
    assert set(example.values()) == {""}


def test_the_example_names_every_variable() -> None:
    used = set(re.findall(r"\$\{(\w+):", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == used


def test_images_of_others_have_a_version() -> None:
    for service in services().values():
        image, _, tag = service["image"].rpartition(":")
        assert image
        assert tag
        assert tag != "latest"


def test_what_is_mounted_exists() -> None:
    for service in services().values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).is_file()
                assert volume.endswith(":ro")
            else:
                assert source in compose()["volumes"]


def test_a_worker_uses_the_cores_that_it_gets() -> None:
    for name in ("cpu-worker", "gpu-worker"):
        service = services()[name]
        cores = service["deploy"]["resources"]["limits"]["cpus"]
        assert service["environment"]["RETUSCHE_THREADS"] == cores

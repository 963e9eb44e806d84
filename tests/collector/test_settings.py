"""What collector.yaml decides, and what stands where it is silent."""

import pytest

from collector.settings import Listen, default_store


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.8.7", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.1.0.40", False),
        ("watch.acme.example", False),
    ],
)
def test_only_an_address_of_this_machine_alone_is_loopback(host: str, loopback: bool) -> None:
    assert Listen(host).is_loopback is loopback


def test_the_store_has_a_place_on_every_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_store() == "sqlite:///var/lib/gatewatch/gatewatch.db"

    monkeypatch.setattr("collector.settings.os.name", "nt")
    monkeypatch.setenv("PROGRAMDATA", "D:\\Data")

    assert default_store() == "sqlite:///D:/Data/Gatewatch/gatewatch.db"

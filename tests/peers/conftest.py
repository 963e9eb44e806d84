"""What tests with other people's servers share."""

from pathlib import Path

import pytest

from tests.peers.programs import Certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """One server's certificate for all of them."""
    return Certificates(Path(tmp_path_factory.mktemp("certificates")))

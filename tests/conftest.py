"""What every test may ask for. Imported in both environments: nothing heavy at the top."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.running import Product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product, running; shared, so a test that breaks a part mends it."""
    from tests.running import Product

    running = Product(tmp_path_factory.mktemp("seuil")).start()
    yield running
    running.stop()

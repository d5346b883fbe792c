"""The small real model, for the tests that run it."""

from pathlib import Path

import pytest

from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.pull import locate
from graftwork.core.errors import EngineError

TEST_MODEL = "smollm2-135m"


@pytest.fixture(scope="session")
def test_model() -> Path:
    """The real SmolLM2, or a skip that says how to get it."""
    try:
        return locate(load_catalog().get(TEST_MODEL), models_folder())
    except EngineError:
        pytest.skip(f"the model is not here: run `graftwork models pull {TEST_MODEL}`")

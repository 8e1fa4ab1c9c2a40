"""data.pkl is built from the table and the graph, and loads everywhere."""

import hashlib
import pickle
import pickletools
import platform
import subprocess
import sys
import warnings

import numpy as np
import pytest

from helpers import ROOT, read_notebook
from tools import data as make_data

VALUES_SHA256 = "9177ca4d55ef977189abe5b4950a342d153445edf5ee4ceea2a0c86a578ed333"
CONTENT = (ROOT / "data.pkl").read_bytes()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def data() -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return pickle.loads(CONTENT)


def test_values(data):
    assert type(data) is np.ndarray
    assert data.dtype == np.float64
    assert data.shape == (506, 6)
    assert data.flags.writeable
    assert sha256(data.tobytes()) == VALUES_SHA256


def test_rebuilt_to_rounding(data):
    np.testing.assert_allclose(make_data.build(), data, rtol=1e-12, atol=1e-12)


@pytest.mark.platform(
    (platform.system(), platform.machine()) == ("Linux", "x86_64"),
    reason="another math library may round the last bit differently",
)
def test_rebuilt_bit_for_bit():
    assert sha256(make_data.build().tobytes()) == VALUES_SHA256
    assert make_data.pickled(make_data.build()) == CONTENT


def test_pickle_names_public_objects_only():
    """NumPy's private modules have other names in NumPy 1 and 2; public ones load in both."""
    strings = [argument for op, argument, _ in pickletools.genops(CONTENT) if "UNICODE" in op.name]
    assert strings == ["numpy", "ndarray", "<f8", "builtins", "bytearray"]
    assert max(op.proto for op, _, _ in pickletools.genops(CONTENT)) == 4


def test_loads_without_a_warning_in_a_fresh_interpreter():
    code = "import pickle; print(pickle.load(open(0, 'rb', closefd=False)).shape)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], input=CONTENT, capture_output=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == (b"(506, 6)", b"")


def test_notebook_knows_the_checksum():
    sources = "\n".join(cell.source for cell in read_notebook().cells)
    assert f'DATA_SHA256 = "{sha256(CONTENT)}"' in sources

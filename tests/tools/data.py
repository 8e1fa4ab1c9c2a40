"""Make data.pkl: five columns of the Boston housing table, and the graph's own output as target.

    python tests/tools/data.py

The table (`boston.csv`, beside this file) holds five columns of facts published by D. Harrison and
D. L. Rubinfeld, "Hedonic housing prices and the demand for clean air", Journal of Environmental
Economics and Management 5 (1978), 81-102.
"""

import hashlib
import io
import math
import pickle
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
COLUMNS = ("INDUS", "AGE", "PTRATIO", "TAX", "NOX")


def graph_output(x: list[float], w: list[float]) -> float:
    """Return y_hat of the assignment's graph for five features `x` and nine weights `w`."""
    exp = math.exp((w[0] * x[0] + w[1] * x[1]) ** 2 + w[5])
    tanh = math.tanh(exp + w[6])
    z = math.sin(w[2] * x[2]) * (w[3] * x[3] + w[4] * x[4]) + w[7]
    return tanh + w[8] * (1 / (1 + math.exp(-z)))


def build() -> np.ndarray:
    """Return the (506, 6) float64 array: five standardised columns, then y at w = (1, ..., 1)."""
    table = np.genfromtxt(HERE / "boston.csv", delimiter=",", names=True)
    columns = [np.ascontiguousarray(table[name]) for name in COLUMNS]
    features = np.column_stack([(c - c.mean()) / c.std() for c in columns])
    y = [graph_output(row, [1.0] * 9) for row in features.tolist()]
    return np.ascontiguousarray(np.column_stack([features, y]))


class PortablePickler(pickle.Pickler):
    """Pickle an array by NumPy's public names only.

    NumPy's own recipe names a private module, which NumPy 1 and NumPy 2 call differently.
    """

    def reducer_override(self, obj):
        if type(obj) is np.ndarray:
            return np.ndarray, (obj.shape, "<f8", bytearray(obj.astype("<f8").tobytes()))
        return NotImplemented


def pickled(array: np.ndarray) -> bytes:
    """Return the bytes of data.pkl for a float64 `array`; any NumPy from 1.26 on loads them."""
    file = io.BytesIO()
    PortablePickler(file, protocol=4).dump(array)
    return file.getvalue()


if __name__ == "__main__":
    values = build()
    content = pickled(values)
    (HERE.parent.parent / "data.pkl").write_bytes(content)
    print("values ", hashlib.sha256(values.tobytes()).hexdigest())
    print("file   ", hashlib.sha256(content).hexdigest())

"""Opens each model file with NumPy alone, steps its network in float32 and compares with the golden vectors inside.

    python3 models/check.py [FILE ...]
"""

import pathlib
import sys

import numpy as np

import model_file


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_step(layer, x, h):
    """One step of a GRU, reset after: n = tanh(W_n x + b_n + r * (R_n h + b_hn))."""
    wr, wz, wn = np.split(layer["weight_ih"] @ x + layer["bias"], 3)
    hr, hz, hn = np.split(layer["weight_hh"] @ h, 3)
    r, z = sigmoid(wr + hr), sigmoid(wz + hz)
    n = np.tanh(wn + r * (hn + layer["bias_hn"]))
    return (1 - z) * n + z * h


def lstm_step(layer, x, h, c):
    """One step of an LSTM, gates i f g o."""
    i, f, g, o = np.split(layer["weight_ih"] @ x + layer["weight_hh"] @ h + layer["bias"], 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def run(manifest, tensors, inputs):
    """Raw outputs [T, outputs] in float32 of one recurrent layer and a linear head, from a zero state."""
    recurrent, head = manifest["layers"]
    layer = {name.split(".")[1]: tensor for name, tensor in tensors.items() if name.startswith(recurrent["name"] + ".")}
    h = c = np.zeros(recurrent["outputSize"], np.float32)
    outputs = []
    for x in inputs:
        if recurrent["kind"] == "gru":
            h = gru_step(layer, x, h)
        else:
            h, c = lstm_step(layer, x, h, c)
        outputs.append(tensors[head["name"] + ".weight"] @ h + tensors[head["name"] + ".bias"])
    return np.stack(outputs)


def main():
    files = sys.argv[1:] or sorted(pathlib.Path(__file__).resolve().parent.glob("*.safetensors"))
    failed = False
    for path in files:
        manifest, tensors = model_file.read_model(path)
        expected = tensors["golden.outputs"]
        difference = np.abs(run(manifest, tensors, tensors["golden.inputs"]) - expected) / np.maximum(1, np.abs(expected))
        tolerance = manifest["golden"]["tolerance"]
        good = difference.max() <= tolerance
        failed |= not good
        print(f"{pathlib.Path(path).name}: {'ok' if good else 'FAILED'}, largest difference {difference.max():.2e} of {tolerance:g} allowed")
    sys.exit(5 if failed else 0)


if __name__ == "__main__":
    main()

"""Opens each model file with NumPy alone, steps its network in float32 and compares with what train.py computed in float64:
the golden vectors inside the file, and the forecasts of reference/NAME.json in physical units.

    python3 models/check.py [FILE ...]
"""

import json
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
    """Raw outputs [T, outputs] in float32, from a zero state; with a window, each of the latest inputs alone."""
    window = manifest.get("window")
    if not window:
        return run_from_zero(manifest, tensors, inputs)
    return np.stack([run_from_zero(manifest, tensors, inputs[max(0, end - window):end])[-1] for end in range(1, len(inputs) + 1)])


def run_from_zero(manifest, tensors, inputs):
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


def forecast(manifest, tensors, values):
    """Forecasts [T, outputs] in physical units for the values [T, 1] of the input channel."""
    channel, outputs = manifest["inputs"][0], manifest["outputs"]
    raw = run(manifest, tensors, ((values - channel["offset"]) * channel["scale"]).astype(np.float32))
    relative = np.array(["relativeTo" in output for output in outputs])
    return raw / [output["scale"] for output in outputs] + [output["offset"] for output in outputs] + values * relative


def difference(actual, expected):
    """The largest difference, relative where the expected value is above 1."""
    return float((np.abs(actual - expected) / np.maximum(1, np.abs(expected))).max())


def main():
    files = [pathlib.Path(name) for name in sys.argv[1:]] or sorted(pathlib.Path(__file__).resolve().parent.glob("*.safetensors"))
    failed = False
    for path in files:
        manifest, tensors = model_file.read_model(path)
        found = {"golden vectors": difference(run(manifest, tensors, tensors["golden.inputs"]), tensors["golden.outputs"])}
        reference = path.parent / "reference" / f"{path.stem}.json"
        if reference.exists():
            rows = json.loads(reference.read_text())
            found["reference"] = difference(forecast(manifest, tensors, np.array(rows["inputs"])), np.array(rows["outputs"]))
        for what, largest in found.items():
            good = largest <= manifest["golden"]["tolerance"]
            failed |= not good
            print(f"{path.name}: {what} {'ok' if good else 'FAILED'}, largest difference {largest:.1e}; "
                  f"at most {manifest['golden']['tolerance']:g}")
    sys.exit(5 if failed else 0)


if __name__ == "__main__":
    main()

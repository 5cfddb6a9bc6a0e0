"""Shows how a network trained with PyTorch is handed to `edgelstm import`: weights, scaling and a proof, in three files.

    /usr/bin/python3 models/export_torch.py FOLDER

writes FOLDER/forecaster.pt (a state_dict with its scaling as buffers), norm.json (the same scaling with names and units)
and io.json (inputs, and what PyTorch answers). Then

    edgelstm import FOLDER/forecaster.pt -o forecaster.safetensors --norm FOLDER/norm.json --io FOLDER/io.json \
        --period 1s --horizon 1,10 --target temperature --window 24

makes the model file and compares it with PyTorch, window by window. The network here is seeded and not trained: replace it and
the data by your own.
"""

import json
import pathlib
import sys

import numpy as np
import torch

NAMES, UNITS = ["temperature", "load"], ["°C", "%"]
WINDOW = 24
HORIZONS = [1, 10]


class Forecaster(torch.nn.Module):
    """Reads standardised samples [batch, time, channels]; answers each window with one value for each horizon."""

    def __init__(self, mean, std):
        super().__init__()
        # Buffers travel in the state_dict: `edgelstm import` finds the scaling by these names.
        self.register_buffer("input_mean", torch.as_tensor(mean, dtype=torch.float32))
        self.register_buffer("input_std", torch.as_tensor(std, dtype=torch.float32))
        self.lstm = torch.nn.LSTM(len(NAMES), 16, batch_first=True)
        self.head = torch.nn.Linear(16, len(HORIZONS))

    def forward(self, x):
        h, _ = self.lstm(x)
        return self.head(h[:, -1])


def make_data(rows=2000):
    """What you recorded: one row a sample, in physical units."""
    t = np.arange(rows)
    load = 50 + 30 * np.sign(np.sin(t / 90))
    temperature = 60 + 0.2 * load + 2 * np.sin(t / 25)
    return np.stack([temperature, load], axis=1)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    data = make_data()
    mean, std = data.mean(axis=0), data.std(axis=0)
    model = Forecaster(mean, std)
    # … your training …
    model.eval()

    torch.save(model.state_dict(), folder / "forecaster.pt")

    norm = {"mean": mean.tolist(), "scale": std.tolist(), "feature_names": NAMES, "units": UNITS}
    (folder / "norm.json").write_text(json.dumps(norm, ensure_ascii=False), encoding="utf-8")

    scaled = torch.as_tensor((data - mean) / std, dtype=torch.float32)
    windows = scaled[:200].unfold(0, WINDOW, 8).transpose(1, 2)
    with torch.no_grad():
        answers = model(windows)
    (folder / "io.json").write_text(json.dumps({"inputs": windows.tolist(), "outputs": answers.tolist()}))
    print(f"{folder}: forecaster.pt, norm.json, io.json with {len(windows)} windows of {WINDOW} samples")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))

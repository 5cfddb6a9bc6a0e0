"""A network trained with PyTorch, from a recording to `edgelstm run`: the worked example of models/README.md.

    /usr/bin/python3 models/train_oven.py FOLDER

records an oven (a simulation: replace `record` by your own data), trains an LSTM on windows of it and writes to FOLDER
oven.pt (the state_dict, with its scaling as buffers), norm.json (the same scaling with names and units), io.json (inputs, and
what PyTorch answers) and recording.csv (what the network has not seen). Some ten seconds on one core.
"""

import csv
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


def record(rows=4000):
    """What a data logger would give, one row a second: the heater switches, the oven follows it slowly and a bit later."""
    random = np.random.default_rng(1)
    load = np.repeat(random.choice([20.0, 50.0, 80.0], rows // 40), 40)
    temperature = np.empty(rows)
    heat = wall = 60.0
    for t in range(rows):
        wall += (20 + load[t] - wall) / 8
        heat += (wall - heat) / 15
        temperature[t] = heat + random.normal(0, 0.1)
    return np.stack([temperature, load], axis=1)


def windows_of(data):
    """Inputs [count, WINDOW, channels] and the temperatures that came [count, horizons]."""
    ends = np.arange(WINDOW, len(data) - max(HORIZONS) + 1)
    x = np.stack([data[end - WINDOW:end] for end in ends])
    y = np.stack([data[ends - 1 + horizon, 0] for horizon in HORIZONS], axis=1)
    return torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y, dtype=torch.float32)


def train(model, x, y, epochs=8):
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(64):
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(model(x[batch]), y[batch]).backward()
            optimiser.step()


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    torch.set_num_threads(1)
    data = record()
    past, future = data[:3000], data[3000:]

    # The scaling is fitted on the training part alone; the targets are temperatures, scaled like that input.
    mean, std = past.mean(axis=0), past.std(axis=0)
    model = Forecaster(mean, std)
    train(model, *windows_of((past - mean) / std))

    model.eval()
    x, y = windows_of((future - mean) / std)
    with torch.no_grad():
        answers = model(x)
    for k, horizon in enumerate(HORIZONS):
        error = (answers[:, k] - y[:, k]).abs().mean() * std[0]
        still = (x[:, -1, 0] - y[:, k]).abs().mean() * std[0]
        print(f"{horizon} s ahead: off by {error:.3f} °C in the mean; if nothing changed: {still:.3f} °C")

    torch.save(model.state_dict(), folder / "oven.pt")
    norm = {"mean": mean.tolist(), "scale": std.tolist(), "feature_names": NAMES, "units": UNITS}
    (folder / "norm.json").write_text(json.dumps(norm, ensure_ascii=False), encoding="utf-8")
    (folder / "io.json").write_text(json.dumps({"inputs": x[:50].tolist(), "outputs": answers[:50].tolist()}))
    with open(folder / "recording.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([NAMES, *np.round(future, 3).tolist()])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))

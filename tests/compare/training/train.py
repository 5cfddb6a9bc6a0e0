"""Trains an LSTM with a linear head in PyTorch: the same weights, data, batches and updates as the benchmark that starts it.

    /usr/bin/python3 train.py FOLDER INPUTS UNITS LAYERS STEPS BATCH BATCHES UPDATES RATE THREADS

FOLDER has weights.f32 (layer by layer weight_ih, weight_hh, bias; then weight and bias of the head), inputs.f32 and targets.f32
[batches, batch, steps, …]. For each line on standard input the model is trained anew from those weights; then one line of JSON
follows: the seconds it took, the loss of every update, and how far the resident memory has grown.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, inputs, units, layers):
        super().__init__()
        self.lstm = nn.LSTM(inputs, units, layers)
        self.head = nn.Linear(units, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0])


def load(model, weights):
    """torch has two biases where the file has one; only the first is trained, as there."""
    rest = torch.from_numpy(weights.copy())

    def take(tensor):
        nonlocal rest
        tensor.data.copy_(rest[:tensor.numel()].reshape(tensor.shape))
        rest = rest[tensor.numel():]

    for k in range(model.lstm.num_layers):
        take(getattr(model.lstm, f"weight_ih_l{k}"))
        take(getattr(model.lstm, f"weight_hh_l{k}"))
        take(getattr(model.lstm, f"bias_ih_l{k}"))
        nn.init.zeros_(getattr(model.lstm, f"bias_hh_l{k}")).requires_grad_(False)
    take(model.head.weight)
    take(model.head.bias)
    assert len(rest) == 0, "weights of another network"


def train(model, inputs, targets, updates, rate):
    rule = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=rate)
    measure = nn.MSELoss()
    losses = []
    start = time.perf_counter()
    for update in range(updates):
        rule.zero_grad(set_to_none=True)
        loss = measure(model(inputs[update % len(inputs)]), targets[update % len(targets)])
        loss.backward()
        rule.step()
        losses.append(loss.detach())
    return time.perf_counter() - start, [loss.item() for loss in losses]


def resident(name):
    """VmRSS or VmHWM in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def main():
    folder = Path(sys.argv[1])
    inputs_, units, layers, steps, batch, batches, updates = map(int, sys.argv[2:9])
    rate, threads = float(sys.argv[9]), int(sys.argv[10])
    torch.set_num_threads(threads)

    def rows(name, width):
        values = np.fromfile(folder / name, "<f4").reshape(batches, batch, steps, width)
        return [torch.from_numpy(one.transpose(1, 0, 2).copy()) for one in values]

    inputs, targets = rows("inputs.f32", inputs_), rows("targets.f32", 1)
    weights = np.fromfile(folder / "weights.f32", "<f4")
    blas = "OpenBLAS" if "openblas" in Path("/proc/self/maps").read_text(encoding="utf-8") else "the installed BLAS"
    print(json.dumps({"version": torch.__version__, "blas": blas}), flush=True)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    before = resident("VmRSS")
    for _ in sys.stdin:
        model = Model(inputs_, units, layers)
        load(model, weights)
        seconds, losses = train(model, inputs, targets, updates, rate)
        print(json.dumps({"seconds": seconds, "losses": losses, "growth": resident("VmHWM") - before}), flush=True)


if __name__ == "__main__":
    main()

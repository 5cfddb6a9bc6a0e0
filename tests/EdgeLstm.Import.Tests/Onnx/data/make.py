# Makes the ONNX files of this folder with PyTorch 1.13, each with its inputs and outputs in double precision:  python3 make.py
import json
import os

import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(7)


class LastStep(nn.Module):
    """The usual forecaster: batch_first, a dense layer on the last step."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 4, batch_first=True)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1])


class LastState(nn.Module):
    """Two layers with dropout; the last h of the upper one."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 4, num_layers=2, dropout=0.3, batch_first=True)
        self.fc = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Dropout(0.1), nn.Linear(4, 1), nn.Sigmoid())

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.fc(h[-1])


class EachStep(nn.Module):
    """GRU with standardised inputs and a head for each step, flattened and put back."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([1.0, -2.0]))
        self.register_buffer("std", torch.tensor([0.5, 3.0]))
        self.gru = nn.GRU(2, 4)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        y, _ = self.gru((x - self.mean) / self.std)
        t, b, h = y.shape
        return torch.nn.functional.leaky_relu(self.fc(y.reshape(t * b, h)).reshape(t, b, 2), 0.2)


class Carried(nn.Module):
    """States in, states out."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, num_layers=2)
        self.fc = nn.Linear(3, 1)

    def forward(self, x, h0, c0):
        y, (h, c) = self.lstm(x, (h0, c0))
        return self.fc(y), h, c


class Swapped(Carried):
    """Gives the states back in the wrong order: must be refused."""

    def forward(self, x, h0, c0):
        y, h, c = super().forward(x, h0, c0)
        return y, h.flip(0), c


class Convolved(nn.Module):
    """Causal convolutions, padded before and chomped after, then a GRU; normalisations; GELU and SiLU."""

    def __init__(self):
        super().__init__()
        self.pad = nn.ConstantPad1d((2, 0), 0.0)
        self.first = nn.Conv1d(2, 3, 3)
        self.second = nn.Conv1d(3, 3, 2, padding=2, dilation=2)
        self.batch_norm = nn.BatchNorm1d(3)
        self.gru = nn.GRU(3, 4, batch_first=True)
        self.norm = nn.LayerNorm(4)
        self.fc = nn.Linear(4, 2)
        with torch.no_grad():
            for p in (self.batch_norm.running_mean, self.norm.bias, self.norm.weight):
                p.uniform_(0.2, 0.9)
            self.batch_norm.running_var.uniform_(0.5, 2)

    def forward(self, x):
        a = torch.relu(self.first(self.pad(x.transpose(1, 2))))
        a = self.batch_norm(self.second(a)[:, :, :-2]).transpose(1, 2)
        y, _ = self.gru(nn.functional.silu(a))
        return torch.softmax(self.fc(self.norm(y)), dim=-1)


class TrainedState(nn.Module):
    """An initial state that was trained, expanded to the batch."""

    def __init__(self):
        super().__init__()
        self.h0 = nn.Parameter(torch.rand(1, 1, 3))
        self.gru = nn.GRU(2, 3, batch_first=True)

    def forward(self, x):
        return self.gru(x, self.h0.expand(1, x.shape[0], 3).contiguous())[0]


def export(name, net, batch, time, inputs, args=(), dynamic=True, opset=14, batch_first=True, states=()):
    net = net.eval()
    x = torch.randn((batch, time, inputs) if batch_first else (time, batch, inputs))
    names = ["x", *states]
    axes = {"x": {0: "batch" if batch_first else "time", 1: "time" if batch_first else "batch"}} if dynamic else None
    torch.onnx.export(
        net, (x, *args), os.path.join(HERE, name + ".onnx"), opset_version=opset, input_names=names, dynamic_axes=axes)
    double = net.double()
    y = double(x.double(), *[a.double() for a in args])
    y = y[0] if isinstance(y, tuple) else y
    io = {"batch_first": batch_first}
    for key, value in (("x", x), ("y", y), *zip(states, args)):
        io[key] = {"shape": list(value.shape), "data": [float(f"{v:.9g}") for v in value.detach().double().flatten()]}
    with open(os.path.join(HERE, name + ".json"), "w") as file:
        json.dump(io, file)


export("last_step", LastStep(), 2, 6, 2)
export("last_step_fixed", LastStep(), 1, 6, 2, dynamic=False, opset=11)
export("last_state", LastState(), 2, 6, 2)
export("each_step", EachStep(), 2, 6, 2, batch_first=False, opset=9)
export("carried", Carried(), 2, 6, 2, (torch.rand(2, 2, 3), torch.rand(2, 2, 3)), batch_first=False, states=("h0", "c0"))
export("swapped", Swapped(), 2, 6, 2, (torch.rand(2, 2, 3), torch.rand(2, 2, 3)), batch_first=False, states=("h0", "c0"))
export("convolved", Convolved(), 2, 9, 2)
export("convolved_17", Convolved(), 2, 9, 2, opset=17)
export("trained_state", TrainedState(), 2, 6, 2)

#!/usr/bin/python3
"""Writes gradients.json: what PyTorch computes in float64 for the networks that the trainer is compared with.

    /usr/bin/python3 gradients.py          (Debian's python3-torch; 1.13 wrote the committed file)

Weights, inputs and targets are multiples of a power of two, exact in float32 and short in the file. Weights have the names and
the gate order of the model file: LSTM i f g o, GRU r z n; the two biases of torch are one, b_hn apart for the GRU that resets
after the product. What torch.nn does not have (peepholes, reset before the product) is written out step by step.
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

STEPS, BATCH, UPDATES = 6, 18, 6  # 18 sequences: a whole group of 16 lanes and a part of another
torch.set_default_dtype(torch.float64)
torch.manual_seed(8)


def draw(*shape, scale=1.0, grid=256):
    """Normal numbers on a grid that float32 holds exactly."""
    return (torch.randn(*shape) * scale * grid).round() / grid


def parameter(*shape):
    return draw(*shape, scale=0.4, grid=1024).requires_grad_()


class Recurrent:
    """One layer: its parameters by their names in the model file, and its outputs [steps, batch, units]."""

    def __init__(self, kind, inputs, units):
        gates = {"lstm": 4, "peephole": 4, "gru-after": 3, "gru-before": 3}.get(kind, 1)
        self.kind, self.inputs, self.units = kind, inputs, units
        self.tensors = {"weight_ih": parameter(gates * units, inputs), "weight_hh": parameter(gates * units, units),
                        "bias": parameter(gates * units)}
        if kind == "gru-after":
            self.tensors["bias_hn"] = parameter(units)
        if kind == "peephole":
            self.tensors["weight_peephole"] = parameter(3 * units)

    def __call__(self, x):
        if self.kind in ("peephole", "gru-before"):
            return self._by_hand(x)
        state = torch.zeros(1, x.shape[1], self.units)
        recurrent_bias = torch.zeros_like(self.tensors["bias"])
        if self.kind == "gru-after":
            recurrent_bias = torch.cat([recurrent_bias[:2 * self.units], self.tensors["bias_hn"]])
        weights = [self.tensors["weight_ih"], self.tensors["weight_hh"], self.tensors["bias"], recurrent_bias]
        # The functional form: torch's own kernels on tensors that need not be its own parameters.
        run = {"lstm": torch.lstm, "gru-after": torch.gru, "rnn-tanh": torch.rnn_tanh, "rnn-relu": torch.rnn_relu}[self.kind]
        before = [state, state] if self.kind == "lstm" else state
        return run(x, before, weights, True, 1, 0.0, True, False, False)[0]

    def _by_hand(self, x):
        h = c = torch.zeros(x.shape[1], self.units)
        outputs = []
        for row in x:
            h, c = self._peephole(row, h, c) if self.kind == "peephole" else (self._reset_before(row, h), c)
            outputs.append(h)
        return torch.stack(outputs)

    def _peephole(self, x, h, c):
        """Gers, Schraudolph, Schmidhuber (2002): i and f see the old cell, o the new one."""
        w = self.tensors
        i, f, g, o = (x @ w["weight_ih"].T + h @ w["weight_hh"].T + w["bias"]).chunk(4, 1)
        p_i, p_f, p_o = w["weight_peephole"].chunk(3)
        new = torch.sigmoid(f + p_f * c) * c + torch.sigmoid(i + p_i * c) * torch.tanh(g)
        return torch.sigmoid(o + p_o * new) * torch.tanh(new), new

    def _reset_before(self, x, h):
        """Cho et al. (2014): the reset gate acts on h before the product."""
        w = self.tensors
        r, z, n = (x @ w["weight_ih"].T + w["bias"]).chunk(3, 1)
        r_r, r_z, r_n = w["weight_hh"].chunk(3)
        r, z = torch.sigmoid(r + h @ r_r.T), torch.sigmoid(z + h @ r_z.T)
        n = torch.tanh(n + (r * h) @ r_n.T)
        return (1 - z) * n + z * h


class Dense:
    def __init__(self, inputs, units, activation="linear"):
        self.kind, self.inputs, self.units, self.activation = f"dense-{activation}", inputs, units, activation
        self.tensors = {"weight": parameter(units, inputs), "bias": parameter(units)}

    def __call__(self, x):
        y = functional.linear(x, self.tensors["weight"], self.tensors["bias"])
        return {"linear": lambda v: v, "tanh": torch.tanh, "relu": torch.relu}[self.activation](y)


def loss_of(kind, value, y, target, weight):
    """Σ weight · loss / Σ weight; with all weights 1 torch's own mean."""
    if kind == "squared":
        each = functional.mse_loss(y, target, reduction="none")
    elif kind == "absolute":
        each = functional.l1_loss(y, target, reduction="none")
    elif kind == "huber":
        each = functional.huber_loss(y, target, reduction="none", delta=value)
    else:
        each = torch.maximum(value * (target - y), (value - 1) * (target - y))
    return (weight * each).sum() / weight.sum()


def forward(layers, x):
    for layer in layers:
        x = layer(x)
    return x


def parameters_of(layers):
    return [tensor for layer in layers for tensor in layer.tensors.values()]


def numbers(tensor):
    return [int(v) if v == int(v) else v for v in tensor.detach().reshape(-1).tolist()]


def describe(layers, attribute=None):
    return [{"kind": layer.kind, "inputs": layer.inputs, "units": layer.units,
             "tensors": {name: numbers(t if attribute is None else getattr(t, attribute)) for name, t in layer.tensors.items()}}
            for layer in layers]


def case(name, layers, loss="squared", value=0.0, masked=False):
    inputs, outputs = layers[0].inputs, layers[-1].units
    x, target = draw(STEPS, BATCH, inputs), draw(STEPS, BATCH, outputs)
    weight = (torch.rand(STEPS, BATCH, outputs) < 0.7).double() if masked else torch.ones(STEPS, BATCH, outputs)
    found = {"name": name, "steps": STEPS, "batch": BATCH, "loss": loss, "parameter": value, "layers": describe(layers),
             "inputs": numbers(x), "targets": numbers(target), "weights": numbers(weight)}
    result = loss_of(loss, value, forward(layers, x), target, weight)
    result.backward()
    found["value"] = result.item()
    found["gradients"] = [layer["tensors"] for layer in describe(layers, "grad")]
    return found


def trajectory(name, optimiser, clip):
    """Some updates of one small network: its weights after each, and the norm of its gradients before clipping."""
    layers = [Recurrent("lstm", 2, 3), Dense(3, 1)]
    x, target = draw(STEPS, BATCH, 2), draw(STEPS, BATCH, 1)
    weight = torch.ones_like(target)
    found = {"name": name, "steps": STEPS, "batch": BATCH, "loss": "squared", "parameter": 0, "layers": describe(layers),
             "inputs": numbers(x), "targets": numbers(target), "weights": numbers(weight), "clip": clip, "updates": []}
    # Weight decay is for matrices, not for biases, as the trainer has it.
    matrices = [t for t in parameters_of(layers) if t.dim() > 1]
    vectors = [t for t in parameters_of(layers) if t.dim() == 1]
    rule = optimiser(matrices, vectors)
    for _ in range(UPDATES):
        rule.zero_grad()
        loss_of("squared", 0, forward(layers, x), target, weight).backward()
        norm = nn.utils.clip_grad_norm_(parameters_of(layers), clip).item()
        rule.step()
        found["updates"].append({"norm": norm, "weights": [layer["tensors"] for layer in describe(layers)]})
    return found


def main():
    cells = ["lstm", "peephole", "gru-after", "gru-before", "rnn-tanh", "rnn-relu"]
    cases = [case(cell, [Recurrent(cell, 3, 5), Dense(5, 2)]) for cell in cells]
    cases += [case(f"two layers of {cell}", [Recurrent(cell, 2, 4), Recurrent(cell, 4, 3), Dense(3, 4, "relu"), Dense(4, 1)])
              for cell in cells]
    lstm = lambda: [Recurrent("lstm", 2, 3), Dense(3, 2)]
    cases += [case("huber", lstm(), "huber", 0.5), case("absolute", lstm(), "absolute"),
              case("pinball 0.125", lstm(), "pinball", 0.125), case("pinball 0.875", lstm(), "pinball", 0.875),
              case("targets that do not count", [Recurrent("gru-after", 2, 3), Dense(3, 2, "tanh"), Dense(2, 2)], masked=True)]
    trajectories = [
        trajectory("adam", lambda m, v: torch.optim.Adam(m + v, lr=0.01), 1e9),
        trajectory("adam clipped and decayed",
                   lambda m, v: torch.optim.AdamW([{"params": m, "weight_decay": 0.05}, {"params": v, "weight_decay": 0.0}],
                                                  lr=0.02, betas=(0.8, 0.95), eps=1e-6), 0.25),
        trajectory("sgd with momentum", lambda m, v: torch.optim.SGD(m + v, lr=0.05, momentum=0.9), 1e9),
        trajectory("sgd clipped", lambda m, v: torch.optim.SGD(m + v, lr=0.5), 0.25)]
    text = json.dumps({"torch": torch.__version__, "cases": cases, "trajectories": trajectories}, separators=(",", ":"))
    Path(__file__).with_name("gradients.json").write_text(text.replace('{"name"', '\n{"name"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

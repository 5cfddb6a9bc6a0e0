# Prints the numbers of ReferenceNetworkTests.cs: float64, from PyTorch where it has the layer, else from NumPy by the equations.
# Weight k of tensor n is float32(0.8 * sin(1.3 * k + n)), input k is float32(sin(0.9 * k + 7)). Needs PyTorch 1.13 or later.

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
T = 4


def tensor(n, *shape):
    k = np.arange(int(np.prod(shape)))
    return (0.8 * np.sin(1.3 * k + n)).astype(np.float32).astype(np.float64).reshape(shape)


def inputs(size):
    return np.sin(0.9 * np.arange(T * size) + 7).astype(np.float32).astype(np.float64).reshape(T, size)


def show(name, y):
    print(f"{name}: [{', '.join(repr(round(float(v), 15)) for v in np.asarray(y).ravel())}]")


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def run(module, x, **tensors):
    for name, value in tensors.items():
        getattr(module, name).data = torch.from_numpy(value)
    return module(torch.from_numpy(x)[:, None])[0].detach().numpy()[:, 0]


zero = np.zeros
show("lstm projected", run(
    torch.nn.LSTM(2, 3, proj_size=2), inputs(2), weight_ih_l0=tensor(1, 12, 2), weight_hh_l0=tensor(2, 12, 2),
    bias_ih_l0=tensor(3, 12), bias_hh_l0=zero(12), weight_hr_l0=tensor(4, 2, 3)))
show("gru after", run(
    torch.nn.GRU(2, 3), inputs(2), weight_ih_l0=tensor(1, 9, 2), weight_hh_l0=tensor(2, 9, 3), bias_ih_l0=tensor(3, 9),
    bias_hh_l0=tensor(4, 9)))
show("rnn", run(
    torch.nn.RNN(2, 3, nonlinearity="relu"), inputs(2), weight_ih_l0=tensor(1, 3, 2), weight_hh_l0=tensor(2, 3, 3),
    bias_ih_l0=tensor(3, 3), bias_hh_l0=zero(3)))


def gru_before(x):
    w, r, b, h = tensor(1, 3, 3, 2), tensor(2, 3, 3, 3), tensor(3, 3, 3), zero(3)
    for sample in x:
        reset = sigmoid(w[0] @ sample + r[0] @ h + b[0])
        update = sigmoid(w[1] @ sample + r[1] @ h + b[1])
        n = np.tanh(w[2] @ sample + r[2] @ (reset * h) + b[2])
        h = (1 - update) * n + update * h
        yield h


def lstm(x, peephole=False, clip=np.inf, cell_clip=np.inf, coupled=False, h=zero(3), c=zero(3)):
    w, r, b, p = tensor(1, 4, 3, 2), tensor(2, 4, 3, 3), tensor(3, 4, 3), tensor(4, 3, 3) * peephole
    for sample in x:
        a = np.einsum("gij,j->gi", w, sample) + np.einsum("gij,j->gi", r, h) + b
        i = sigmoid(np.clip(a[0] + p[0] * c, -clip, clip))
        f = 1 - i if coupled else sigmoid(np.clip(a[1] + p[1] * c, -clip, clip))
        g = np.tanh(np.clip(a[2], -clip, clip))
        c = np.clip(f * c + i * g, -cell_clip, cell_clip)
        o = sigmoid(np.clip(a[3] + p[2] * c, -clip, clip))
        h = o * np.tanh(c)
        yield h


show("gru before", list(gru_before(inputs(2))))
show("lstm peepholes", list(lstm(inputs(2), peephole=True)))
show("lstm clip", list(lstm(inputs(2), clip=0.3)))
show("lstm peepholes clip", list(lstm(inputs(2), peephole=True, clip=0.3)))
show("lstm cell clip", list(lstm(inputs(2), cell_clip=0.05)))
show("lstm coupled", list(lstm(inputs(2), coupled=True)))
show("lstm initial", list(lstm(inputs(2), h=tensor(5, 3), c=tensor(6, 3))))

# Causal: zeros before the first sample. PyTorch has [O, I, kernel size], a model file [O, kernel size, I].
kernel = torch.from_numpy(tensor(1, 2, 2, 3)).transpose(1, 2)
padded = F.pad(torch.from_numpy(inputs(3)).T[None], (2, 0))
show("conv1d", torch.relu(F.conv1d(padded, kernel, torch.from_numpy(tensor(2, 2)), dilation=2))[0].T.numpy())
show("layer norm", F.layer_norm(
    torch.from_numpy(inputs(3)), (3,), torch.from_numpy(tensor(1, 3)), torch.from_numpy(tensor(2, 3)), 1e-3).numpy())
show("softmax", F.softmax(torch.from_numpy(inputs(3)), -1).numpy())

a = torch.tensor([-9.0, -5.5, -1.25, -0.3, 0.0, 0.4, 2.0, 5.5, 9.0])
for name, y in {
        "gelu": F.gelu(a), "geluTanh": F.gelu(a, approximate="tanh"), "silu": F.silu(a), "elu(0.7)": F.elu(a, float(np.float32(0.7))),
        "selu": F.selu(a), "softplus": F.softplus(a, threshold=100), "softsign": F.softsign(a),
        "leakyRelu(0.2)": F.leaky_relu(a, float(np.float32(0.2))), "hardSigmoid(0.25, 0.5)": torch.clamp(0.25 * a + 0.5, 0, 1),
        "clamp(-1, 6)": torch.clamp(a, -1, 6), "thresholdedRelu(1.5)": F.threshold(a, 1.5, 0.0),
        "scaledTanh(1.5, 0.5)": 1.5 * torch.tanh(0.5 * a), "affine(2, -1)": 2 * a - 1, "exponential": torch.exp(a),
        "sigmoid": torch.sigmoid(a), "tanh": torch.tanh(a), "relu": torch.relu(a)}.items():
    show(name, y)

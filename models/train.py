"""Trains the models EdgeLstm ships and writes them with their cards, recordings and references.

    python3 models/train.py [--data ../shared/data] [--only NAME]

Needs PyTorch and NumPy (Debian: python3-torch). Seeded and single-threaded: the same machine writes the same files again.
The training part is cut into parallel lanes; each lane is read in chunks with the state carried from one chunk to the next and
the gradient cut in between, because at run time the network carries its state for months and is never reset.
A model that does not beat persistence and the seasonal-naive forecast at every horizon, in MAE and RMSE, is not written.
"""

import argparse
import copy
import pathlib
import sys
import time

import numpy as np
import torch

import card
import evaluation
import model_file
import recordings
import specs

MODELS = pathlib.Path(__file__).resolve().parent
GOLDEN_STEPS = 64
WEIGHT_AVERAGE = 0.99


class Network(torch.nn.Module):
    """One recurrent layer and a dense head, stepping over [batch, time, 1]."""

    def __init__(self, spec, outputs):
        super().__init__()
        layer = torch.nn.GRU if spec.kind == "gru" else torch.nn.LSTM
        self.recurrent = layer(1, spec.hidden_size, batch_first=True)
        self.head = torch.nn.Linear(spec.hidden_size, outputs)

    def forward(self, x, state=None):
        h, state = self.recurrent(x, state)
        return self.head(h), state


class Problem:
    """A stream made ready: standardised inputs, standardised changes as targets, and which of them may be learned from."""

    def __init__(self, spec, series):
        self.spec, self.series = spec, series
        count = len(series.values)
        self.train_end, self.validation_end = int(count * spec.train_end), int(count * spec.validation_end)
        training = series.values[:self.train_end]
        self.offset, self.scale = float(training.mean()), float(1 / training.std())  # the training part only
        self.season = spec.season or evaluation.median_beat_length(training)
        self.inputs = (series.values - self.offset) * self.scale

        targets, learnable, self.output_scales = [], [], []
        for horizon in spec.horizons:
            change = np.zeros(count)
            change[:-horizon] = series.values[horizon:] - series.values[:-horizon]
            clean = evaluation.clean_origins(series.anomalous, horizon)
            usable = clean[:self.train_end - horizon]
            self.output_scales.append(float(1 / change[:self.train_end - horizon][usable].std()))
            targets.append(change * self.output_scales[-1])
            learnable.append(clean)
        self.targets, self.learnable = np.stack(targets, 1), np.stack(learnable, 1)

    @property
    def levels(self):
        """The quantile of each output of one horizon; None: a point forecast."""
        return self.spec.quantiles or (None,)

    @property
    def outputs(self):
        return [(horizon, level) for horizon in self.spec.horizons for level in self.levels]


def loss(problem, raw, target, weight):
    """Mean over learnable targets [.., horizons]: Huber of a point forecast, pinball of quantiles."""
    error = target.unsqueeze(-1) - raw.unflatten(-1, (len(problem.spec.horizons), len(problem.levels)))
    if problem.spec.quantiles:
        level = torch.tensor(problem.spec.quantiles, dtype=error.dtype)
        value = torch.maximum(level * error, (level - 1) * error)
    else:
        value = torch.nn.functional.huber_loss(error, torch.zeros_like(error), reduction="none", delta=problem.spec.huber_delta)
    return (value.mean(-1) * weight).sum() / weight.sum().clamp(min=1)


def lanes(problem, begin, end, count, lead):
    """Cuts [begin, end) into `count` lanes [count, lead + length, ...]; the first `lead` steps only warm the state up."""
    length = (end - begin) // count
    index = begin + length * np.arange(count)[:, None] + np.arange(-lead, length)
    learnable = problem.learnable[index].astype(np.float32)
    learnable[:, :lead] = 0
    learnable[index + max(problem.spec.horizons) >= end] = 0  # no target from the next part
    return (torch.tensor(problem.inputs[index, None], dtype=torch.float32),
            torch.tensor(problem.targets[index], dtype=torch.float32),
            torch.tensor(learnable))


def train_epoch(problem, network, average, optimiser, random):
    """One pass over the training part, state carried through each lane; the lanes begin elsewhere in every epoch.

    `average` follows the weights as a moving average over about 1 / (1 − WEIGHT_AVERAGE) steps; it is validated and kept.
    """
    spec = problem.spec
    network.train()
    start = int(random.integers(spec.warm_up_samples, spec.warm_up_samples + 4 * spec.chunk))
    x, target, weight = lanes(problem, start, problem.train_end, spec.lanes, spec.warm_up_samples)
    x += torch.tensor(spec.level_shift * random.standard_normal((spec.lanes, 1, 1)), dtype=torch.float32)
    state = None
    for at in range(0, x.shape[1], spec.chunk):
        chunk = slice(at, at + spec.chunk)
        raw, state = network(x[:, chunk], state)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        optimiser.zero_grad()
        loss(problem, raw, target[:, chunk], weight[:, chunk]).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            for slow, fast in zip(average.parameters(), network.parameters()):
                slow.lerp_(fast, 1 - WEIGHT_AVERAGE)


def validation_loss(problem, network):
    """Loss on the validation part, every lane warmed up on what comes before it."""
    network.eval()
    with torch.no_grad():
        x, target, weight = lanes(problem, problem.train_end, problem.validation_end, 8, 1024)
        return float(loss(problem, network(x)[0], target, weight))


def fit(problem):
    """Trains until the validation loss has not fallen for `patience` epochs; returns the best network and what happened."""
    spec = problem.spec
    torch.manual_seed(spec.seed)
    random = np.random.default_rng(spec.seed)
    network = Network(spec, len(problem.outputs))
    average = copy.deepcopy(network)
    optimiser = torch.optim.Adam(network.parameters(), lr=spec.learning_rate)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=0.5, patience=spec.patience // 3)
    best, best_epoch, best_weights = float("inf"), 0, None
    for epoch in range(1, spec.max_epochs + 1):
        started = time.monotonic()
        train_epoch(problem, network, average, optimiser, random)
        reached = validation_loss(problem, average)
        schedule.step(reached)
        if reached < best:
            best, best_epoch, best_weights = reached, epoch, copy.deepcopy(average.state_dict())
        print(f"{spec.name}: epoch {epoch}, validation loss {reached:.5f}, best {best:.5f} at {best_epoch}, "
              f"{time.monotonic() - started:.1f} s", flush=True)
        if epoch - best_epoch >= spec.patience:
            break
    average.load_state_dict(best_weights)
    return average, {"epochs": epoch, "best_epoch": best_epoch, "best_loss": best}


def run(problem, network, inputs):
    """Raw outputs [n, outputs] in float64, from a zero state carried over all standardised inputs [n]."""
    network = copy.deepcopy(network).double().eval()
    state, raw = None, []
    with torch.no_grad():
        for at in range(0, len(inputs), 4096):
            x = torch.tensor(inputs[None, at:at + 4096, None], dtype=torch.float64)
            y, state = network(x, state)
            raw.append(y[0].numpy())
    return np.concatenate(raw)


def physical(problem, raw, values):
    """Forecasts in physical units: raw / scale + the current value."""
    scales = np.repeat(problem.output_scales, len(problem.levels))
    return raw / scales + values[:, None]


def merge_biases(network):
    """Adds the recurrent biases to the input biases in float32, as the file holds them, so that results are those of the file."""
    recurrent, hidden = network.recurrent, network.recurrent.hidden_size
    with torch.no_grad():
        merged = slice(0, 2 * hidden) if recurrent.mode == "GRU" else slice(None)
        recurrent.bias_ih_l0[merged] += recurrent.bias_hh_l0[merged]
        recurrent.bias_hh_l0[merged] = 0


def golden_inputs(problem):
    """Real inputs [GOLDEN_STEPS] around the largest of the first rows of the test part, as float32 holds them."""
    rows = problem.inputs[problem.validation_end:problem.validation_end + 16 * GOLDEN_STEPS]
    begin = min(max(0, np.abs(rows).argmax() - GOLDEN_STEPS // 2), len(rows) - GOLDEN_STEPS)
    return rows[begin:begin + GOLDEN_STEPS].astype(np.float32).astype(float)


def make_manifest(problem, forecasts):
    """The manifest as the model file holds it, residuals of the validation part included."""
    spec, series = problem.spec, problem.series
    training = series.values[:problem.train_end]
    half = 0.5 * (training.max() - training.min())  # room for faults hotter or colder than anything seen in training
    outputs = []
    for column, (horizon, level) in enumerate(problem.outputs):
        t = evaluation.origins(series, problem.train_end, problem.validation_end, horizon)
        outputs.append({
            "name": spec.channel, "unit": spec.unit, "horizon": horizon,
            **({} if level is None else {"quantile": level}),
            "relativeTo": spec.channel, "offset": 0.0, "scale": problem.output_scales[spec.horizons.index(horizon)],
            "residuals": evaluation.residual_calibration(series.values[t + horizon] - forecasts[t, column]),
        })
    recurrent = {"name": f"{spec.kind}0", "kind": spec.kind, "inputSize": 1, "outputSize": spec.hidden_size}
    if spec.kind == "gru":
        recurrent["reset"] = "after"
    head = {"name": "head", "kind": "dense", "inputSize": spec.hidden_size, "outputSize": len(outputs), "activation": "linear"}
    return {
        "formatVersion": 1, "name": spec.name, "description": spec.description, "task": "forecast",
        "samplePeriodMs": spec.sample_period_ms, "warmUpSamples": spec.warm_up_samples,
        "inputs": [{"name": spec.channel, "unit": spec.unit, "offset": problem.offset, "scale": problem.scale,
                    "minimum": float(np.floor(training.min() - half)), "maximum": float(np.ceil(training.max() + half))}],
        "layers": [recurrent, head],
        "outputs": outputs,
        "golden": {"tolerance": 1e-5},
        "provenance": {"source": spec.source, "sha256": series.sha256, "tool": "models/train.py, PyTorch 1.13",
                       "version": "0.1.0", "date": "2026-11-21"},
    }


def measure(problem, forecasts):
    """Errors on the test part by horizon: [{horizon, clean, everything}], of the point or median outputs."""
    measured = []
    for column, (horizon, level) in enumerate(problem.outputs):
        if level not in (None, 0.5):
            continue
        tables = {}
        for key, everything in (("clean", False), ("everything", True)):
            t = evaluation.origins(problem.series, problem.validation_end, len(problem.series.values), horizon, everything)
            tables[key] = evaluation.errors(forecasts[:, column], problem.series.values, t, horizon, problem.season)
            tables[key]["samples"] = len(t)
        measured.append({"horizon": horizon, **tables})
    return measured


def defeats(measured):
    """Where the model is no better than a baseline on the clean test part; empty if it may be shipped."""
    return [f"horizon {row['horizon']}: {metric} {error['model']:.4f} against {error[name]:.4f} of {name}"
            for row in measured for metric in ("mae", "rmse") for error in (row["clean"][metric],)
            for name in ("persistence", "seasonalNaive") if not error["model"] < error[name]]


def build(spec, data):
    """Trains one model and writes its files; returns false and writes nothing if a baseline is better."""
    problem = Problem(spec, specs.load(spec, data))
    network, history = fit(problem)
    merge_biases(network)
    forecasts = physical(problem, run(problem, network, problem.inputs), problem.series.values)
    measured = measure(problem, forecasts)
    lost = defeats(measured)
    for line in lost:
        print(f"{spec.name} is not written: {line}", file=sys.stderr)
    if lost:
        return False

    manifest = make_manifest(problem, forecasts)
    manifest["results"] = [
        {"output": spec.channel, "horizon": row["horizon"], "metric": metric, "unit": spec.unit, **row["clean"][metric]}
        for row in measured for metric in ("mae", "rmse")]
    tensors = model_file.layer_tensors(f"{spec.kind}0", network.recurrent, "head", network.head)
    golden = golden_inputs(problem)
    tensors["golden.inputs"] = golden[:, None]
    tensors["golden.outputs"] = run(problem, network, golden)
    model_file.write_model(MODELS / f"{spec.name}.safetensors", manifest, tensors)
    card.write_card(MODELS, problem, manifest, history, measured, forecasts)
    recordings.write_recording(MODELS, problem, data)
    recordings.write_reference(MODELS, problem, lambda values: physical(
        problem, run(problem, network, (values - problem.offset) * problem.scale), values))
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=MODELS.parent.parent / "shared" / "data", help="folder with nab/ and ecg/")
    parser.add_argument("--only", choices=[spec.name for spec in specs.SPECS], help="train one model only")
    arguments = parser.parse_args()
    if not pathlib.Path(arguments.data).is_dir():
        sys.exit(f"train.py: {arguments.data} is not a folder; expected the recorded streams (nab/, ecg/): pass --data FOLDER")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    chosen = [spec for spec in specs.SPECS if arguments.only in (None, spec.name)]
    if not all([build(spec, arguments.data) for spec in chosen]):
        sys.exit(5)


if __name__ == "__main__":
    main()

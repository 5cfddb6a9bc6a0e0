"""Writes a model's card: where it comes from, how well it does, how its alarms are calibrated, what narrow weights cost it,
what it cannot do.

    python3 models/card.py

renews the cards' section on narrow weights from reference/NAME.precision.json, written by `edgelstm evaluate`; it trains nothing.
"""

import hashlib
import json
import pathlib

import numpy as np

import evaluation
import recordings
import specs

MINUS = str.maketrans("-", "−")
NARROW = "## Narrow weights"
LIMITS = "## Known limits"


def write_card(models, problem, manifest, history, measured, forecasts):
    """Writes NAME.md from measured values only."""
    text = "\n\n".join([
        opening(problem),
        training(problem, history),
        results(problem, measured),
        bands(problem, manifest, forecasts),
        tails(problem, manifest, forecasts),
        *narrow_weights(models, problem.spec),
        f"{LIMITS}\n\n" + "\n".join(f"- {limit}" for limit in problem.spec.limits),
    ])
    (models / f"{problem.spec.name}.md").write_text(text + "\n")


def opening(problem):
    spec = problem.spec
    gates = 3 if spec.kind == "gru" else 4
    parameters = gates * spec.hidden_size * (1 + spec.hidden_size + 1) + spec.hidden_size * (spec.kind == "gru") \
        + (spec.hidden_size + 1) * len(problem.outputs)
    form = "GRU (reset after)" if spec.kind == "gru" else "LSTM"
    network = f"{form} layer of {spec.hidden_size} units and a dense head with {len(problem.outputs)} outputs, " \
              f"{parameters:,} parameters"
    scaler = f"offset {problem.offset:.5g}, scale {problem.scale:.5g}".translate(MINUS)
    begin, end = recordings.excerpt(problem)
    return f"""# {spec.title}

`{spec.name}.safetensors`: {spec.description.lower()}. Written by `models/train.py`, this card too.

| | |
|---|---|
| Network | {network} |
| Input | `{spec.channel}` ({spec.unit}) every {period(spec)}, network input = (x − offset) · scale, {scaler} |
| Outputs | {outputs(problem)} |
| State | carried from sample to sample and never reset; trusted after {spec.warm_up_samples} samples |
| Data | {spec.source}, SHA-256 `{problem.series.sha256}` |
| Licence of the data | {spec.licence} |
| Recording | `recordings/{spec.recording}`: rows {begin:,} to {end - 1:,} of the source, all in the test part |"""


def period(spec):
    return f"{spec.sample_period_ms / 60_000:g} min" if spec.sample_period_ms >= 60_000 else f"{spec.sample_period_ms:g} ms"


def ahead(spec, horizon):
    ms = horizon * spec.sample_period_ms
    return f"{horizon} ({ms / 60_000:g} min)" if ms >= 60_000 else f"{horizon} ({ms:g} ms)"


def when(problem, row):
    time = problem.series.times[row]
    return time if isinstance(time, str) else f"{row * problem.spec.sample_period_ms / 1000:.3f} s"


def outputs(problem):
    what = "point forecast" if not problem.spec.quantiles else "quantiles " + ", ".join(map(str, problem.spec.quantiles))
    return f"{what} at horizons " + ", ".join(ahead(problem.spec, h) for h in problem.spec.horizons) \
        + ", as change from the current value"


def training(problem, history):
    spec, series, count = problem.spec, problem.series, len(problem.series.values)
    lines = ["## Data and training", "", "| Part | Rows | From | To | Labelled anomalous |", "|---|---|---|---|---|"]
    bounds = (0, problem.train_end, problem.validation_end, count)
    for part, begin, end in zip(("training", "validation", "test"), bounds, bounds[1:]):
        lines.append(f"| {part} | {end - begin:,} | {when(problem, begin)} | {when(problem, end - 1)} "
                     f"| {series.anomalous[begin:end].sum():,} |")
    objective = "the pinball loss" if spec.quantiles else f"the Huber loss (δ = {spec.huber_delta:g} standardised)"
    shift = f" Each lane is shifted by a random level (standard deviation {spec.level_shift:g} of the input's) so that the " \
            "network learns shapes rather than the levels it happened to see." if spec.level_shift else ""
    lines += ["", "Parts in time order; the scaler is fitted on the training part only. "
              f"Adam, learning rate {spec.learning_rate:g}, "
              f"{objective}, {spec.lanes} lanes in chunks of {spec.chunk} steps with the state carried and the gradient cut, "
              f"seed {spec.seed}; a moving average of the weights is validated and kept.{shift} "
              "Forecasts that start in, pass through or end in a labelled anomaly are not learned from. "
              f"Stopped after {history['epochs']} epochs, weights of epoch {history['best_epoch']} kept "
              f"(validation loss {history['best_loss']:.4f})."]
    return "\n".join(lines)


def results(problem, measured):
    lines = [f"## Results on the test part ({problem.spec.unit})", "",
             f"Seasonal naive: the value {problem.season} samples before the forecast's target"
             + (" (one day)." if problem.spec.season else " (the median beat length of the training part)."),
             "Skill: how much smaller the error is than that of the better baseline."]
    for key, title in (("clean", "Without the labelled anomalies (the model is only written if it wins every line here):"),
                       ("everything", "With everything, labelled anomalies included:")):
        lines += ["", title, "", "| Horizon | Forecasts | Error | Model | Persistence | Seasonal naive | Skill |",
                  "|---|---|---|---|---|---|---|"]
        for row in measured:
            for metric in ("mae", "rmse"):
                e = row[key][metric]
                skill = 100 * (1 - e["model"] / min(e["persistence"], e["seasonalNaive"]))
                lines.append(f"| {ahead(problem.spec, row['horizon'])} | {row[key]['samples']:,} | {metric.upper()} "
                             f"| {e['model']:.4f} | {e['persistence']:.4f} | {e['seasonalNaive']:.4f} "
                             + f"| {skill:+.1f} % |".translate(MINUS))
    return "\n".join(lines)


def bands(problem, manifest, forecasts):
    """Coverage of the bands on the test part: of calibrated residuals around each point, and between outer quantiles."""
    series, count = problem.series, len(problem.series.values)
    lines = ["## Bands on the test part", "", "Share of the values inside the band that should hold 90 %.", "",
             "| Horizon | Band | Mean width | Clean | Everything |", "|---|---|---|---|---|"]
    for column, (horizon, level) in enumerate(problem.outputs):
        if level not in (None, 0.5):
            continue
        residuals = manifest["outputs"][column]["residuals"]
        margin = residuals["absoluteResidual"][residuals["tailProbability"].index(0.1)]
        around = forecasts[:, column]
        candidates = [("forecast ± calibrated residual", around - margin, around + margin)]
        if level is not None:
            candidates.append(("0.05 to 0.95 quantile", forecasts[:, column - 1], forecasts[:, column + 1]))
        for name, low, high in candidates:
            shares = []
            for everything in (False, True):
                t = evaluation.origins(series, problem.validation_end, count, horizon, everything)
                actual = series.values[t + horizon]
                shares.append(100 * np.mean((low[t] <= actual) & (actual <= high[t])))
            width = np.mean(high[problem.validation_end:] - low[problem.validation_end:])
            lines.append(f"| {ahead(problem.spec, horizon)} | {name} | {width:.3f} {problem.spec.unit} "
                         f"| {shares[0]:.1f} % | {shares[1]:.1f} % |")
    if problem.spec.quantiles:
        ordered = np.diff(forecasts[problem.validation_end:].reshape(-1, len(problem.spec.horizons), 3), axis=2) >= 0
        crossed = 100 * np.mean(~ordered.all(axis=2))
        lines += ["", f"Quantiles out of order (nothing in the network forbids it): {crossed:.2f} % of forecasts."]
    return "\n".join(lines)


def tails(problem, manifest, forecasts):
    """How often the residual of the shortest horizon passes its calibrated tails, in normal operation and in anomalies."""
    spec, series = problem.spec, problem.series
    column = problem.outputs.index((spec.horizons[0], 0.5 if spec.quantiles else None))
    horizon, residuals = spec.horizons[0], manifest["outputs"][column]["residuals"]
    t = np.arange(problem.validation_end, len(series.values) - horizon)
    absolute = np.abs(series.values[t + horizon] - forecasts[t, column])
    labelled = series.anomalous[t + horizon]
    clean = evaluation.clean_origins(series.anomalous, horizon)[t]
    lines = ["## Calibration", "",
             f"Residuals of {residuals['samples']:,} forecasts of the validation part (clean, state carried), horizon {horizon}: "
             f"mean {residuals['mean']:.4f}, ".translate(MINUS)
             + f"standard deviation {residuals['standardDeviation']:.4f} {spec.unit}. "
             "The validation part also chose when to stop, so the tails may be slightly narrow; the test part shows by how much.",
             "",
             f"| Tail probability | Absolute residual ({spec.unit}) | Test, clean: exceeded by | Test, labelled: exceeded by |",
             "|---|---|---|---|"]
    for probability, value in zip(residuals["tailProbability"], residuals["absoluteResidual"]):
        lines.append(f"| {probability:g} | {value:.4f} | {100 * np.mean(absolute[clean] > value):.3f} % "
                     f"| {100 * np.mean(absolute[labelled] > value):.3f} % |")
    return "\n".join(lines)


def narrow_weights(models, spec):
    """[the section]: errors with narrow weights, as measured by the program; [] where they are not those of this model file."""
    path = models / "reference" / f"{spec.name}.precision.json"
    measured = json.loads(path.read_text()) if path.exists() else {}
    if measured.get("sha256") != hashlib.sha256((models / f"{spec.name}.safetensors").read_bytes()).hexdigest():
        print(f"{spec.name}: the card leaves out narrow weights, as {path.name} is not of this model. Write it with "
              f"`edgelstm evaluate models/recordings/edgelstm.json --stream {spec.name} --json`, then run models/card.py.")
        return []
    rows = (3 if spec.kind == "gru" else 4) * spec.hidden_size
    count = rows * (1 + spec.hidden_size)
    lines = [NARROW, "",
             f"Forecast errors over `recordings/{measured['recording']}`, labelled anomalies included, with the weights of the "
             f"recurrent layer held in bfloat16 and in int8: {4 * count:,} bytes in float32, {2 * count:,} in bfloat16, "
             f"{count + 8 * rows:,} in int8 with its scales. Measured with the program's own kernels by `edgelstm evaluate "
             f"models/recordings/edgelstm.json --stream {spec.name}`; a change is that of the error against float32.", "",
             "| Horizon | Output | Error | float32 | bfloat16 | Change | int8 | Change |", "|---|---|---|---|---|---|---|---|"]
    for row in measured["errors"]:
        output = "point" if "quantile" not in row else f"{row['quantile']:g} quantile"
        metric = row["metric"] if row["metric"] == "pinball" else row["metric"].upper()
        cells = [f"{row['float32']:#.5g}"]
        for precision in ("bfloat16", "int8"):
            change = 100 * (row[precision] / row["float32"] - 1)
            cells += [f"{row[precision]:#.5g}", f"{change:+.2f} %".translate(MINUS)]
        lines.append(f"| {ahead(spec, row['horizon'])} | {output} | {metric} ({row['unit']}) | {' | '.join(cells)} |")
    return ["\n".join(lines)]


def renew_narrow_weights(models, spec):
    """Replaces the section on narrow weights of a card that was written before, and leaves the rest as it is."""
    path = models / f"{spec.name}.md"
    text = path.read_text()
    limits = text.index(LIMITS)
    begin = text.find(NARROW) if NARROW in text else limits
    path.write_text(text[:begin] + "".join(f"{section}\n\n" for section in narrow_weights(models, spec)) + text[limits:])


def main():
    for spec in specs.SPECS:
        renew_narrow_weights(pathlib.Path(__file__).resolve().parent, spec)


if __name__ == "__main__":
    main()

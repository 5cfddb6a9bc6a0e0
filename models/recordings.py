"""Writes what is shipped beside a model: a short excerpt of its stream, the licence of the data, and reference forecasts."""

import json
import pathlib

import numpy as np

REFERENCE_ROWS = 500

ECG_ATTRIBUTION = """ecg.csv is an excerpt of one lead of record 805 of the MIT-BIH Supraventricular Arrhythmia Database
(PhysioNet), as distributed with beat labels in the TSB-UAD benchmark (file MBA_ECG805).
Changed: cut to an excerpt, a header line added.

Data: MIT-BIH, Open Data Commons Attribution License v1.0, https://opendatacommons.org/licenses/by/1-0/
  S. D. Greenwald (1990), Improved detection and classification of arrhythmias in noise-corrupted electrocardiograms
  using contextual information, Massachusetts Institute of Technology.
  A. L. Goldberger et al. (2000), PhysioBank, PhysioToolkit, and PhysioNet, Circulation 101 (23), e215-e220.
Labelled series: TSB-UAD, Apache License 2.0, text below.
  J. Paparrizos et al. (2022), TSB-UAD: an end-to-end benchmark suite for univariate time-series anomaly detection,
  Proceedings of the VLDB Endowment 15 (8).

"""


def excerpt(problem):
    """The rows [begin, end) of the recording, all in the test part."""
    series = problem.series
    if problem.spec.recording == "ecg.csv":
        return problem.validation_end, problem.validation_end + 30_000
    begin = np.flatnonzero(series.anomalous & ~np.roll(series.anomalous, 1))[-1] - 1650  # of the last labelled failure
    return begin, begin + 2500


def write_recording(models, problem, data):
    """Writes recordings/NAME.csv with the values as the source prints them, and the licence beside it."""
    folder = models / "recordings"
    folder.mkdir(exist_ok=True)
    begin, end = excerpt(problem)
    if begin < problem.validation_end:
        raise ValueError(f"the recording begins at row {begin}, the test part at {problem.validation_end}")
    header = "value,label" if problem.spec.recording == "ecg.csv" else "timestamp,value"
    (folder / problem.spec.recording).write_text("\n".join([header, *problem.series.rows[begin:end]]) + "\n")
    if problem.spec.recording == "ecg.csv":
        licence = (pathlib.Path(data) / "ecg/LICENSE").read_text()
        (folder / "LICENSE-ECG.txt").write_text(ECG_ATTRIBUTION + licence.rstrip() + "\n")
    else:
        licence = (pathlib.Path(data) / "nab/LICENSE.txt").read_text()
        (folder / "LICENSE-NAB.txt").write_text(licence.rstrip() + "\n")


def write_reference(models, problem, forecast):
    """Writes reference/NAME.json: the first rows of the recording and the forecasts for them, both in physical units.

    `forecast` maps values [n] to forecasts [n, outputs] in float64 from a zero state, without clipping.
    """
    folder = models / "reference"
    folder.mkdir(exist_ok=True)
    begin, _ = excerpt(problem)
    values = problem.series.values[begin:begin + REFERENCE_ROWS]
    reference = {
        "madeBy": "models/train.py: the network in float64, from a zero state carried over all rows",
        "model": f"{problem.spec.name}.safetensors",
        "recording": f"recordings/{problem.spec.recording}",
        "inputs": values[:, None].tolist(),
        "outputs": forecast(values).tolist(),
    }
    text = json.dumps(reference, ensure_ascii=False).replace("], [", "],\n[").replace(", \"", ",\n\"")
    (folder / f"{problem.spec.name}.json").write_text(text + "\n")

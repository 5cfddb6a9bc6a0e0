"""The programs that are compared, each with the same two calls: the outputs of a network's inputs, and the time of one step."""

import base64
import json
import subprocess
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch

ROWS_IN_TURN = 64
ROUNDS, ROUND_MS = 41, 2  # short rounds: on a busy machine most pass undisturbed, and the median is one of those


class EdgeLstm:
    """The published program: `edgelstm bench` on the network's model file; the program compares the outputs itself."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    def load(self, network):
        network.write_model(self.folder / f"{network.name}.safetensors")

    def bench(self, *arguments):
        """One measurement as a dict, or None where this program does not know an option."""
        done = subprocess.run([self.binary, "bench", *map(str, arguments), "--json"], capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def measure(self, network):
        figures = self.bench("--model", self.folder / f"{network.name}.safetensors")
        if figures is None:
            raise SystemExit(f"{self.binary} bench refuses {network.name}.safetensors")
        return figures


class OnnxRuntime:
    """onnxruntime-node in a process of its own, which waits while others are measured."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(["node", Path(__file__).with_name("onnx_peer.cjs"), folder],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = json.loads(self.process.stdout.readline())["version"]

    def load(self, network):
        """Returns the outputs [steps, H]."""
        model, inputs = self.folder / f"{network.name}.onnx", self.folder / f"{network.name}.f32"
        network.write_onnx(model)
        network.x.numpy().tofile(inputs)
        answer = self._ask(load=network.name, model=str(model), inputs=str(inputs), rows=len(network.x),
                           inputSize=network.inputs, hiddenSize=network.hidden, hasCell=network.cell == "lstm")
        return np.frombuffer(base64.b64decode(answer["outputs"]), "<f4").reshape(-1, network.hidden)

    def measure(self, network):
        return self._ask(time=network.name, rounds=ROUNDS, ms=ROUND_MS)["ns"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def _ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


class ScriptedLstm(torch.nn.Module):
    """Steps an LSTM some times without returning to Python."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x: list[torch.Tensor], h: torch.Tensor, c: torch.Tensor, steps: int):
        for k in range(steps):
            _, (h, c) = self.module(x[k % 64], (h, c))
        return h, c


class ScriptedGru(torch.nn.Module):
    """Steps a GRU some times without returning to Python."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x: list[torch.Tensor], h: torch.Tensor, steps: int):
        for k in range(steps):
            _, h = self.module(x[k % 64], h)
        return h


class PyTorch:
    """torch.nn.LSTM and torch.nn.GRU on one thread: called from Python, and scripted; the faster counts."""

    version = torch.__version__

    def __init__(self):
        torch.set_num_threads(1)
        self.scripted, self.forms = {}, []

    def load(self, network):
        """Returns the outputs [steps, H]."""
        wrap = ScriptedLstm if network.cell == "lstm" else ScriptedGru
        self.scripted[network.name] = torch.jit.freeze(torch.jit.script(wrap(network.module).eval()))
        with torch.inference_mode():
            state, outputs = self._zero_state(network), []
            for row in network.x:
                y, state = network.module(row.view(1, 1, -1), state)
                outputs.append(y.view(-1).numpy())
        return np.stack(outputs)

    def measure(self, network):
        x = [row.view(1, 1, -1).clone() for row in network.x[:ROWS_IN_TURN]]
        scripted = self.scripted[network.name]

        def eager_steps(count, module=network.module):
            state = self._zero_state(network)
            for k in range(count):
                _, state = module(x[k & (ROWS_IN_TURN - 1)], state)

        def scripted_steps(count):
            state = self._zero_state(network)
            scripted(x, *(state if isinstance(state, tuple) else (state,)), count)

        ways = {"eager": eager_steps, "scripted": scripted_steps}
        with torch.inference_mode():
            counts = {form: calibrate(way) for form, way in ways.items()}
            rounds = [{form: time_ns(way, counts[form]) for form, way in ways.items()} for _ in range(ROUNDS)]
        times = {form: median(ns[form] for ns in rounds) for form in ways}
        self.forms.append(min(times, key=times.get))
        return min(times.values())

    @staticmethod
    def _zero_state(network):
        h = torch.zeros(network.layers, 1, network.hidden)
        return (h, torch.zeros_like(h)) if network.cell == "lstm" else h


def calibrate(steps):
    """As many steps as a round holds."""
    count = 16
    while time_ns(steps, count) * count < ROUND_MS * 1e6:
        count *= 2
    return count


def time_ns(steps, count):
    """Time of one of so many steps."""
    started = time.perf_counter_ns()
    steps(count)
    return (time.perf_counter_ns() - started) / count

"""Writes one recurrent network of random weights three times: as torch.nn module, EdgeLstm model file and ONNX model.

The recurrent biases that a cell only adds to the input biases are zero, so that all three hold bit for bit the same numbers.
"""

import copy
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

sys.path.append(str(Path(__file__).resolve().parents[2] / "models"))
from model_file import write_model  # noqa: E402

STEPS = 1000  # golden steps, with the state carried through all of them
GATES = {"lstm": 4, "gru": 3}
ONNX_GATES = {"lstm": [0, 3, 1, 2], "gru": [1, 0, 2]}  # torch's i f g o as i o f g; r z n as z r n


class Network:
    """One cell and size with its weights, its inputs and what it must compute."""

    def __init__(self, cell, inputs, hidden, layers):
        self.cell, self.inputs, self.hidden, self.layers = cell, inputs, hidden, layers
        self.size = f"{inputs}×{hidden}" + (f"×{layers}" if layers > 1 else "")
        self.name = f"{cell}-{inputs}-{hidden}-{layers}"
        torch.manual_seed(inputs * 1000 + hidden + layers)
        self.module = (torch.nn.LSTM if cell == "lstm" else torch.nn.GRU)(inputs, hidden, layers).eval()
        with torch.no_grad():
            for layer in range(layers):
                getattr(self.module, f"bias_hh_l{layer}")[:None if cell == "lstm" else 2 * hidden] = 0
        self.x = torch.rand(STEPS, inputs) * 2 - 1
        with torch.no_grad():
            exact, _ = copy.deepcopy(self.module).double()(self.x.double().unsqueeze(1))
        self.expected = exact.squeeze(1).numpy()

    def parameters(self, layer):
        """W [G·H, I], R [G·H, H] and the biases of input and recurrence [G·H] of one layer, in torch's order of gates."""
        return [getattr(self.module, f"{name}_l{layer}").detach().numpy()
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]

    def write_model(self, path):
        """The network as EdgeLstm reads it, with its golden vectors."""
        tensors, layers = {}, []
        for k in range(self.layers):
            w, r, bias, recurrent_bias = self.parameters(k)
            tensors |= {f"layer{k}.weight_ih": w, f"layer{k}.weight_hh": r, f"layer{k}.bias": bias}
            layers.append({"name": f"layer{k}", "kind": self.cell, "inputSize": w.shape[1], "outputSize": self.hidden})
            if self.cell == "gru":
                layers[-1]["reset"] = "after"
                tensors[f"layer{k}.bias_hn"] = recurrent_bias[2 * self.hidden:]
        tensors |= {"golden.inputs": self.x.numpy(), "golden.outputs": self.expected}
        write_model(path, self._manifest(layers), tensors)

    def _manifest(self, layers):
        scaling = {"unit": "1", "offset": 0.0, "scale": 1.0}
        return {
            "formatVersion": 1, "name": self.name, "task": "regress", "samplePeriodMs": 1000.0, "warmUpSamples": 0,
            "inputs": [{"name": f"x{k}", **scaling} for k in range(self.inputs)],
            "layers": layers,
            "outputs": [{"name": f"h{k}", "horizon": 0, **scaling} for k in range(self.hidden)],
            "golden": {"tolerance": 1e-5},
            "provenance": {"source": "random weights", "sha256": "0" * 64, "tool": "tests/compare",
                           "version": torch.__version__, "date": "2026-01-01"},
        }

    def write_onnx(self, path):
        """One step: x and the states of all layers in, the new states out; the last h is the output."""
        nodes, weights, states_in, states_out = [], [], [], []
        x = "x"
        for k in range(self.layers):
            weights += [numpy_helper.from_array(array, f"{name}{k}") for name, array in self._onnx_weights(k).items()]
            states = ["h", "c"] if self.cell == "lstm" else ["h"]
            before, after = [f"{s}{k}" for s in states], [f"{s}{k}_next" for s in states]
            attributes = {} if self.cell == "lstm" else {"linear_before_reset": 1}
            nodes.append(helper.make_node(self.cell.upper(), [x, f"W{k}", f"R{k}", f"B{k}", "", *before], ["", *after],
                                          hidden_size=self.hidden, **attributes))
            states_in += before
            states_out += after
            x = after[0]  # [1, 1, H] either as last state or as a sequence of one
        state = [1, 1, self.hidden]
        graph = helper.make_graph(
            nodes, self.name,
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, self.inputs])]
            + [helper.make_tensor_value_info(name, TensorProto.FLOAT, state) for name in states_in],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, state) for name in states_out], weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)

    def _onnx_weights(self, layer):
        def ordered(array):
            gates = np.split(array, GATES[self.cell])
            return np.concatenate([gates[k] for k in ONNX_GATES[self.cell]])
        w, r, bias, recurrent_bias = map(ordered, self.parameters(layer))
        return {"W": w[None], "R": r[None], "B": np.concatenate([bias, recurrent_bias])[None]}

"""Writes and reads EdgeLstm model files: safetensors with the manifest as JSON text in the metadata.

    8 bytes   length of the header, little endian
    header    JSON {"__metadata__": {"edgelstm": "<manifest JSON>"}, "<tensor>": {"dtype", "shape", "data_offsets"}, ...}
    data      the tensors one after another, float32, little endian, C order; weights of recurrent layers also bfloat16 or int8
"""

import json
import struct

import numpy as np


def write_model(path, manifest, tensors):
    """Writes the manifest (a dict) and the tensors (name -> array, stored as float32) to one file."""
    header = {"__metadata__": {"edgelstm": json.dumps(manifest, ensure_ascii=False)}}
    blobs, offset = [], 0
    for name, tensor in tensors.items():
        blob = np.ascontiguousarray(tensor, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(np.shape(tensor)), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)

    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # the format aligns the data to 8 bytes
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read_model(path):
    """Returns (manifest, {name: float32 array}) of a file written by write_model, edgelstm or any safetensors library.

    Narrow weights come back as float32: bfloat16 is its upper half, int8 is multiplied by the scale of its row.
    """
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    manifest = json.loads(header.pop("__metadata__")["edgelstm"])
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        stored = np.frombuffer(data[begin:end], {"F32": "<f4", "BF16": "<u2", "I8": "i1"}[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = (stored.astype("<u4") << 16).view("<f4") if entry["dtype"] == "BF16" else stored.astype("<f4")
    for name in [name for name in tensors if name.endswith("_scale")]:
        tensors[name.removesuffix("_scale")] *= tensors.pop(name)[:, None]
    return manifest, tensors


def layer_tensors(name, recurrent, dense_name, dense):
    """The tensors of one torch.nn.LSTM or torch.nn.GRU and the dense head after it, as the file names and lays them out."""
    weight_ih, weight_hh, bias_ih, bias_hh = (parameter.detach().double().numpy() for parameter in recurrent._flat_weights)
    tensors = {f"{name}.weight_ih": weight_ih, f"{name}.weight_hh": weight_hh, f"{name}.bias": bias_ih + bias_hh}
    if recurrent.mode == "GRU":  # the recurrent bias of the candidate stays apart: it is inside r * (R h + b_hn)
        candidate = slice(2 * recurrent.hidden_size, None)
        tensors[f"{name}.bias"][candidate] = bias_ih[candidate]
        tensors[f"{name}.bias_hn"] = bias_hh[candidate]
    tensors[f"{dense_name}.weight"] = dense.weight.detach().double().numpy()
    tensors[f"{dense_name}.bias"] = dense.bias.detach().double().numpy()
    return tensors

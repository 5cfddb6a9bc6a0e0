#!/usr/bin/env python3
"""Writes the small HDF5 files beside it (h5py 3.7, HDF5 1.10). Values are k/8 − 1 so that every type holds them exactly."""
import json
import os

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def values(*shape):
    return (np.arange(np.prod(shape)) / 8 - 1).reshape(shape)


def write(name, fill, **options):
    with h5py.File(os.path.join(HERE, name), "w", **options) as file:
        fill(file)


def types(f):
    """Numbers of all types, scalars, empty and unwritten datasets, compact storage."""
    for kind in ["<f2", "<f4", "<f8", ">f2", ">f4", ">f8", "<i2", ">i4", "i1", "<i8"]:
        name = ("le_" if kind[0] != ">" else "be_") + kind.strip("<>")
        data = values(3, 5) if "f" in kind else np.arange(15).reshape(3, 5) - 7
        f.create_dataset("numbers/" + name, data=data.astype(kind))
    f.create_dataset("scalar", data=np.float32(2.5))
    f.create_dataset("empty", shape=(0, 4), dtype="<f4")
    f.create_dataset("unwritten", shape=(2, 3), dtype="<f4")
    f.create_dataset("filled", shape=(2, 3), dtype="<f4", fillvalue=-0.5)
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((4,))
    h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, space, compact).write(
        h5py.h5s.ALL, h5py.h5s.ALL, values(4).astype("<f4"))
    for k in range(180):  # enough for a B-tree of two levels
        f["many/%03d" % k] = f["scalar"]


def chunks(f):
    """Chunks in one to three axes with edges that do not divide, every filter, chunks that are missing."""
    f.create_dataset("plain", data=values(7).astype("<f4"), chunks=(3,))
    f.create_dataset("gzip", data=values(5, 7).astype("<f4"), chunks=(2, 4), compression="gzip")
    f.create_dataset("shuffle", data=values(5, 7).astype("<f4"), chunks=(4, 4), shuffle=True)
    f.create_dataset("all", data=values(3, 4, 5).astype("<f8"), chunks=(2, 3, 2), compression="gzip", shuffle=True, fletcher32=True)
    f.create_dataset("holes", shape=(6,), dtype="<f4", chunks=(2,), fillvalue=3.0)[2:4] = [1, 2]
    f.create_dataset("none", shape=(6,), dtype="<f4", chunks=(2,))
    f.create_dataset("growing", data=values(4, 2).astype("<f4"), chunks=(1, 2), maxshape=(None, 2))


def texts(f):
    """Texts of fixed and variable length, in attributes and datasets; numbers and empty lists."""
    a = f.attrs
    a["fixed"] = np.bytes_("lstm_1")
    a["variable"] = "Größe °C"
    a["long"] = "0123456789" * 60
    a["fixed_array"] = np.array([b"kernel:0", b"bias:0"])
    a.create("variable_array", ["kernel:0", "recurrent_kernel:0", ""], dtype=h5py.string_dtype())
    a["empty_array"] = []
    a["number"] = 2.5
    a["whole"] = np.int64(-3)
    a["one_of_array"] = np.array([7], dtype=">i2")
    a["two"] = [1.0, 2.0]
    a["nothing"] = h5py.Empty("f4")
    space = h5py.h5s.create(h5py.h5s.SCALAR)
    for name, pad in [(b"zero_ends", h5py.h5t.STR_NULLTERM), (b"spaces", h5py.h5t.STR_SPACEPAD)]:
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(8)
        kind.set_strpad(pad)
        h5py.h5a.create(f.id, name, kind, space).write(
            np.array(b"ab\0cdefg" if name == b"zero_ends" else b"ab      ", dtype="S8"), mtype=kind)
    f.create_dataset("fixed", data=np.array([b"one", b"two"]))
    f.create_dataset("variable", data=["eins", "zwei", "drei"], dtype=h5py.string_dtype())


def refused(f):
    """What is refused by name."""
    f["there"] = values(2).astype("<f4")
    f["soft"] = h5py.SoftLink("/there")
    f["named_type"] = np.dtype("<f4")
    f.create_dataset("of_named_type", data=values(2), dtype=f["named_type"])
    f.create_dataset("compound", data=np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
    f.create_dataset("lzf", data=values(8).astype("<f4"), chunks=(4,), compression="lzf")
    f.create_dataset("outside", shape=(2,), dtype="<f4", external=[("elsewhere.bin", 0, 8)])
    f.create_dataset("boolean", data=np.array([True, False]))
    f.create_dataset("ragged", (1,), dtype=h5py.vlen_dtype(np.float32))
    f.create_group("round/about")
    f["round/about/again"] = f["round"]


def external_link(f):
    f["elsewhere"] = h5py.ExternalLink("other.h5", "/x")


LSTM = {"name": "lstm", "units": 2, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True,
        "return_sequences": False, "stateful": False, "go_backwards": False, "unit_forget_bias": True}
DENSE = {"name": "dense", "units": 1, "activation": "linear", "use_bias": True}


def lstm_weights():
    return [(values(*shape) / 16).astype("<f4") for shape in [(1, 8), (2, 8), (8,)]]


def keras2(f):
    """A network 1 → LSTM 2 → dense 1 as Keras 2 saves it."""
    first = dict(LSTM, batch_input_shape=[None, 4, 1])
    layers = [{"class_name": "LSTM", "config": first}, {"class_name": "Dense", "config": DENSE}]
    f.attrs["keras_version"] = "2.15.0"
    f.attrs["backend"] = "tensorflow"
    f.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"name": "small", "layers": layers}})
    weights = f.create_group("model_weights")
    weights.attrs["layer_names"] = np.array([b"lstm", b"dense"])
    weights.attrs["keras_version"] = "2.15.0"
    weights.attrs["backend"] = "tensorflow"
    arrays = {"lstm/lstm_cell/kernel:0": 0, "lstm/lstm_cell/recurrent_kernel:0": 1, "lstm/lstm_cell/bias:0": 2}
    lstm = weights.create_group("lstm")
    lstm.attrs["weight_names"] = np.array([name.encode() for name in arrays])
    for name, k in arrays.items():
        lstm[name] = lstm_weights()[k]
    dense = weights.create_group("dense")
    dense.attrs["weight_names"] = np.array([b"dense/kernel:0", b"dense/bias:0"])
    dense["dense/kernel:0"] = values(2, 1).astype("<f4")
    dense["dense/bias:0"] = values(1).astype("<f4")


def keras3(f):
    """The weights of the same network as Keras 3 saves them."""
    for k, array in enumerate(lstm_weights()):
        f["layers/lstm/cell/vars/%d" % k] = array
    f["layers/dense/vars/0"] = values(2, 1).astype("<f4")
    f["layers/dense/vars/1"] = values(1).astype("<f4")


write("keras2.h5", keras2)
write("keras3.weights.h5", keras3)
write("types.h5", types)
write("chunks.h5", chunks)
write("texts.h5", texts)
write("refused.h5", refused)
write("external_link.h5", external_link)
write("userblock.h5", lambda f: f.create_dataset("x", data=values(3).astype("<f4")), userblock_size=1024)
write("latest.h5", lambda f: f.create_dataset("x", data=values(3).astype("<f4")), libver="latest")
write("tracked.h5", lambda f: f.create_dataset("x", data=values(3).astype("<f4")), track_order=True)

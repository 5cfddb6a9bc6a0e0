"""Measures edgelstm, ONNX Runtime and PyTorch in turn on identical networks and prints a Markdown table; see compare.sh."""

import argparse
import sys
from pathlib import Path
from statistics import median

import numpy as np
import targets
from networks import STEPS, Network
from peers import EdgeLstm, OnnxRuntime, PyTorch

SIZES = [(1, 8, 1), (1, 16, 1), (4, 16, 1), (1, 32, 1), (5, 64, 1), (8, 64, 1), (8, 128, 1), (16, 256, 1), (5, 64, 2)]
TOLERANCE = 1e-5  # between any two of the three: each may be off the double-precision outputs by half of it
HEADING = "## Compared"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="artifacts/compare, with the programs and node_modules")
    parser.add_argument("--rounds", type=int, default=5, help="times that each network is measured by each program")
    parser.add_argument("--readme", action="store_true", help="put the result into README.md")
    options = parser.parse_args()

    options.folder = options.folder.resolve()
    edge = EdgeLstm(options.folder / "native" / "edgelstm", options.folder)
    onnx, torch = OnnxRuntime(options.folder), PyTorch()
    networks = [Network(cell, *size) for cell in ("lstm", "gru") for size in SIZES]
    deviations = load_all(networks, edge, onnx, torch)
    rows = [measure(network, edge, onnx, torch, options.rounds) for network in networks]
    onnx.close()

    narrow = options.folder / "x86-x64-v3" / "edgelstm"
    checks, more = targets.measure(edge, EdgeLstm(narrow, options.folder) if narrow.exists() else None, rows, options.rounds)
    deviations["edgelstm"] = max(row["deviation"] for row in rows)
    agree = all(deviation <= TOLERANCE / 2 for deviation in deviations.values())
    text = "\n".join([*caption(rows, onnx, torch), *table(rows), "", *summary(rows, deviations), "", *more])
    print(text)
    print("\n".join(["", *checks]))
    if options.readme and agree:
        put_into_readme(text)
    if not agree:
        sys.exit(f"the outputs disagree: each may be off by {TOLERANCE / 2:g}")


def load_all(networks, edge, onnx, torch):
    """Makes every network in all three programs; returns how far the peers are off the outputs in double precision."""
    worst = {"ONNX Runtime": 0.0, "PyTorch": 0.0}
    for network in networks:
        edge.load(network)
        for name, outputs in (("ONNX Runtime", onnx.load(network)), ("PyTorch", torch.load(network))):
            worst[name] = max(worst[name], float(np.abs(outputs - network.expected).max()))
    return worst


def measure(network, edge, onnx, torch, rounds):
    """One row: medians of rounds in which the three take turns."""
    figures, onnx_ns, torch_ns = [], [], []
    for _ in range(rounds):
        figures.append(edge.measure(network))
        onnx_ns.append(onnx.measure(network))
        torch_ns.append(torch.measure(network))
    print(f"{network.name}: {median(f['nsPerStep'] for f in figures):.0f} ns", file=sys.stderr)
    return {
        "cell": network.cell, "size": network.size, "onnx": median(onnx_ns), "torch": median(torch_ns),
        "deviation": max(f["maxAbsDeviation"] for f in figures),
        "instructionSet": figures[0]["instructionSet"], "gigahertz": median(f["gigahertz"] for f in figures),
        **{key: median(f[key] for f in figures) for key in ("nsPerStep", "cyclesPerStep", "floorNs", "floorRatio")},
    }


def caption(rows, onnx, torch):
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), "unknown processor")
    scripted = f"{torch.forms.count('scripted')} of {len(torch.forms)} times scripted"
    return [
        "One step of one stream, state carried, float32, one thread. Medians of rounds in which the programs took turns on the",
        f"same weights and inputs; {cpu}, {rows[0]['instructionSet']}, {median(row['gigahertz'] for row in rows):.2f} GHz. "
        "*Floor*: reading the weights once, measured in the",
        f"same rounds as the step. ONNX Runtime {onnx.version} is called through its Node binding (onnxruntime-node, without its "
        "promise; its C",
        f"interface takes less), PyTorch {torch.version} on OpenBLAS from Python or scripted, whichever is faster ({scripted}).",
        "Ratio: how many times longer they take. `bash tests/compare/compare.sh --readme` makes this section again.",
        "",
    ]


def table(rows):
    yield "| Step | edgelstm | cycles | floor | × floor | ONNX Runtime | ratio | PyTorch | ratio |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        ns = row["nsPerStep"]
        yield (f"| {row['cell'].upper()} {row['size']} | {ns:,.0f} ns | {row['cyclesPerStep']:,.0f} | {row['floorNs']:,.0f} ns "
               f"| {row['floorRatio']:.2f} | {row['onnx']:,.0f} ns | {row['onnx'] / ns:.1f} "
               f"| {row['torch']:,.0f} ns | {row['torch'] / ns:.1f} |")
    onnx, torch = (geometric_mean([row[peer] / row["nsPerStep"] for row in rows]) for peer in ("onnx", "torch"))
    yield f"| **geometric mean** | | | | | | **{onnx:.1f}** | | **{torch:.1f}** |"


def summary(rows, deviations):
    yield (f"Largest deviation from double precision over {STEPS:,} steps: "
           + ", ".join(f"{name} {value:.1e}" for name, value in sorted(deviations.items())) + ".")


def geometric_mean(values):
    return float(np.exp(np.mean(np.log(values))))


def put_into_readme(text):
    """Replaces what stands between the section's heading and the next heading of the same level."""
    path = Path(__file__).resolve().parents[2] / "README.md"
    before, found, after = path.read_text(encoding="utf-8").partition(f"\n{HEADING}\n")
    if not found:
        sys.exit(f"README.md has no section '{HEADING}'")
    rest = after[after.index("\n## "):] if "\n## " in after else "\n"
    path.write_text(f"{before}\n{HEADING}\n\n{text}\n{rest}", encoding="utf-8")


if __name__ == "__main__":
    main()

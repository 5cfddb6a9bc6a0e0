"""What the kernels must reach, as far as no other program is needed for it: precisions, streams and the AVX2 program."""

from statistics import median

MOST_FLOORS = 1.5
LARGE = ("5×64", "8×64", "8×128", "5×64×2")
MOST_CYCLES = {"1×8": 280, "4×16": 350, "1×32": 600}
PRECISIONS = ("float32", "bfloat16", "int8")
NARROW_SIZES = {(8, 128): 2.0, (16, 256): 5.0}  # how many times faster than float32 int8 must be
STREAMS = (1, 4, 16, 64, 256)
STREAM_SIZES = {(8, 64): 2.2, (16, 256): 4.0}  # throughput of 64 streams by that of one
AVX2_SIZES = ((5, 64, 1), (8, 64, 1), (8, 128, 1), (5, 64, 2))


def measure(edge, narrow, rows, rounds):
    """Returns the lines of the checks, and the Markdown of the two further tables."""
    precisions = {(size, name): _ns(edge, size, rounds, "--precision", name) for size in NARROW_SIZES for name in PRECISIONS}
    streams = {(size, count): _ns(edge, size, rounds, "--streams", count) for size in STREAM_SIZES for count in STREAMS}
    arithmetic = {size: edge.bench("--input", size[0], "--hidden", size[1])["arithmeticNs"] for size in STREAM_SIZES}
    checks = [*_floors(rows, "widest vectors"), *_cycles(rows)]
    for size, least in NARROW_SIZES.items():
        gain = _ratio(precisions, size, "float32", "int8")
        checks.append(_at_least(f"LSTM {_text(size)}: int8 faster than float32", gain, least))
    for size, least in STREAM_SIZES.items():
        gain = _ratio(streams, size, 1, 64)
        checks.append(_at_least(f"LSTM {_text(size)}: throughput per stream of 64 by that of one", gain, least))
        checks.append(f"          (its multiply-adds alone allow {streams[size, 1] / arithmetic[size]:.4g})")
        streams[size, "multiply-adds alone"] = arithmetic[size]
    if narrow is not None:
        checks += _floors(list(_avx2_rows(narrow, rounds)), "published for AVX2")
    return ["Targets:", *checks], [*_table("Precision of the weights", precisions, NARROW_SIZES, PRECISIONS), "",
                                   *_table("Streams stepped together, per stream", streams, STREAM_SIZES,
                                           (*STREAMS, "multiply-adds alone"))]


def _ns(edge, size, rounds, *arguments):
    figures = [edge.bench("--input", size[0], "--hidden", size[1], *arguments) for _ in range(rounds)]
    return None if None in figures else median(f["nsPerStep"] for f in figures)


def _avx2_rows(narrow, rounds):
    for cell in ("lstm", "gru"):
        for inputs, hidden, layers in AVX2_SIZES:
            figures = [narrow.bench("--cell", cell, "--input", inputs, "--hidden", hidden, "--layers", layers)
                       for _ in range(rounds)]
            yield {"cell": cell, "size": f"{inputs}×{hidden}" + (f"×{layers}" if layers > 1 else ""),
                   "floorRatio": median(f["floorRatio"] for f in figures)}


def _floors(rows, name):
    return [_at_most(f"{row['cell'].upper()} {row['size']}, {name}: times the floor", row["floorRatio"], MOST_FLOORS)
            for row in rows if row["size"] in LARGE]


def _cycles(rows):
    return [_at_most(f"{row['cell'].upper()} {row['size']}: cycles", row["cyclesPerStep"], MOST_CYCLES[row["size"]])
            for row in rows if row["size"] in MOST_CYCLES]


def _ratio(times, size, slow, fast):
    return times[size, slow] / times[size, fast] if times[size, slow] and times[size, fast] else None


def _at_most(what, found, bound):
    return _line(what, found, f"at most {bound:g}", found is not None and found <= bound)


def _at_least(what, found, bound):
    return _line(what, found, f"at least {bound:g}", found is not None and found >= bound)


def _line(what, found, bound, reached):
    return f"  {'reached' if reached else 'MISSED '} {what}: {'not measured' if found is None else f'{found:.4g}'}, {bound}"


def _table(name, times, sizes, columns):
    yield f"| {name} | {' | '.join(map(str, columns))} |"
    yield "|---|" + "---:|" * len(columns)
    for size in sizes:
        cells = (times[size, column] for column in columns)
        yield f"| LSTM {_text(size)} | {' | '.join('' if ns is None else f'{ns:,.0f} ns' for ns in cells)} |"


def _text(size):
    return "×".join(map(str, size))

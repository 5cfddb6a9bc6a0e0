// Reads an LSTM, GRU or RNN node:  (X, W, R, B?, sequence_lens?, initial_h?, initial_c?, P?) → (Y?, Y_h?, Y_c?).
//   layout 0: X [T, B, I], Y [T, D, B, H], states [D, B, H];  layout 1: X [B, T, I], Y [B, T, D, H], states [B, D, H].
// Source: onnx.ai, operators LSTM-22, GRU-22, RNN-22 and their older versions.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.Onnx;

/// <summary>Turns recurrent nodes into layers.</summary>
internal static class RecurrentNodes
{
    private const int MaxRowsOfState = 4096;

    /// <summary>The node's outputs Y, Y_h and Y_c.</summary>
    /// <param name="at">The node.</param>
    /// <param name="id">Its number among the recurrent ones.</param>
    /// <param name="warnings">Takes what is assumed.</param>
    /// <param name="swapsAxes">Set where the signal comes with time and batch the other way round.</param>
    public static Value[] Read(NodeScope at, int id, List<string> warnings, ref bool swapsAxes)
    {
        string direction = at.Text("direction") ?? "forward";
        if (direction != "forward")
        {
            throw at.Refuse($"runs {QuotedText.Of(direction)}: it needs the end of the sequence before the first answer and "
                + "cannot be streamed. Train a forward layer");
        }

        long layout = at.Int("layout", 0);
        FlowAxis batch = CheckSignal(at, layout, ref swapsAxes);
        RecurrentStep step = Step(at, id, batch);
        if (at.Input(4) is not null)
        {
            warnings.Add(
                $"node '{at.Node.Shown}': the input sequence_lens '{at.InputName(4)}' is left out, because a stream has no end");
        }

        Flow x = at.Flow(0);
        if (x.Features != 0 && x.Features != step.InputSize)
        {
            throw at.Refuse($"its weights '{at.InputName(1)}' read {step.InputSize} values; the signal has {x.Features}");
        }

        FlowAxis time = x.Axes[layout == 0 ? 0 : 1];
        FlowAxis features = FlowAxis.Feature(step.HiddenSize);
        Flow y = x with
        {
            Axes = layout == 0 ? [time, FlowAxis.One, batch, features] : [batch, time, FlowAxis.One, features],
            Features = step.HiddenSize,
            Last = step,
        };
        return [y, State(at, step, batch, layout, 0), State(at, step, batch, layout, 1)];
    }

    // Returns the axis of the batch; time may also be a single step without an axis of its own.
    private static FlowAxis CheckSignal(NodeScope at, long layout, ref bool swapsAxes)
    {
        Flow x = at.Flow(0);
        if (layout is not (0 or 1) || x.Rank != 3 || x.Axes[2].Roles is not "F")
        {
            throw at.Refuse($"reads {x.AxesText} with layout {layout}; expected three axes, the features last, and layout 0 "
                + "or 1");
        }

        (FlowAxis time, FlowAxis batch) = layout == 0 ? (x.Axes[0], x.Axes[1]) : (x.Axes[1], x.Axes[0]);
        if (x.IsLastStep)
        {
            throw at.Refuse("reads only the last time step of the layer before (an encoder and decoder); it cannot be streamed");
        }

        swapsAxes |= time.Roles == "B" || batch.Roles == "T";
        bool isPlain = time.Roles is "T" or "" && batch.Roles is "B" or "" && x.Tail == 0;
        return isPlain
            ? batch
            : throw at.Refuse($"reads {x.AxesText} with layout {layout}, where it takes time for batch or the other way "
                + "round, or time steps a convolution left over; is a Transpose (batch_first) missing?");
    }

    private static RecurrentStep Step(NodeScope at, int id, FlowAxis batch)
    {
        string kind = at.Node.OpType;
        SourceTensor w = Weights(at, 1, "weights W", 3);
        SourceTensor r = Weights(at, 2, "recurrent weights R", 3);
        int gates = RecurrentStep.GateCount(kind);
        int hidden = r.Columns;
        long declared = at.Int("hidden_size", hidden);
        if (w.Rows != gates * hidden || r.Rows != gates * hidden || declared != hidden || hidden == 0)
        {
            throw at.Refuse($"has W {w.ShapeText}, R {r.ShapeText} and hidden_size {declared}; expected [{gates}·hidden_size, "
                + $"inputs] and [{gates}·hidden_size, hidden_size]");
        }

        SourceTensor? b = at.Input(3) is null ? null : Weights(at, 3, "biases B", 2);
        if (b is not null && b.Rows != 2 * gates * hidden)
        {
            throw at.Refuse($"its biases '{at.InputName(3)}' have {b.Rows} values; expected {2 * gates * hidden}");
        }

        SourceTensor? peepholes = kind == "LSTM" && at.Input(7) is not null ? Weights(at, 7, "peepholes P", 2) : null;
        (Item[]? hiddenFrom, SourceTensor? h) = Initial(at, 5, "initial_h", hidden, batch);
        (Item[]? cellFrom, SourceTensor? c) = kind == "LSTM" ? Initial(at, 6, "initial_c", hidden, batch) : (null, null);
        CellVariant variant = Activations(at, kind) with
        {
            Clip = at.Attribute("clip") is { } clip ? Clip(at, clip.Float) : null,
            CoupledForget = kind == "LSTM" && at.Int("input_forget", 0) != 0,
            Peepholes = peepholes,
            PeepholeOrder = "iof",
            InitialHidden = h,
            InitialCell = c,
        };
        GruReset reset = at.Int("linear_before_reset", 0) != 0 ? GruReset.After : GruReset.Before;
        return new RecurrentStep(at.Node.LayerName, at.Flow(0).Last, id, kind, w, r, b, reset, variant, hiddenFrom, cellFrom);
    }

    // [directions, …] of one direction; the first axis is taken off.
    private static SourceTensor Weights(NodeScope at, int input, string meaning, int rank)
    {
        if (at.Input(input) is not (Known or null) or Known { Items: [{ IsNumber: false }, ..] })
        {
            throw at.Refuse($"its {meaning} '{at.InputName(input)}' come from outside the file or are computed as it runs; "
                + "expected constants. Export the model with its weights inside");
        }

        SourceTensor weights = FlowLayers.Weights(at, input, meaning, rank);
        return weights.Shape[0] == 1
            ? weights.Reshape(weights.Shape[1..])
            : throw at.Refuse($"its {meaning} '{at.InputName(input)}' have the shape {weights.ShapeText}; expected one "
                + "direction");
    }

    private static double? Clip(NodeScope at, float clip) =>
        clip > 0 ? clip : throw at.Refuse($"has the clip {clip}; expected a number above 0");

    private static CellVariant Activations(NodeScope at, string kind)
    {
        string[] names = kind switch
        {
            "LSTM" => ["Sigmoid", "Tanh", "Tanh"],
            "GRU" => ["Sigmoid", "Tanh"],
            _ => ["Tanh"],
        };
        if (at.Attribute("activations") is { Texts.Count: > 0 } given)
        {
            names = given.Texts.Count == names.Length
                ? [.. given.Texts]
                : throw at.Refuse($"names {given.Texts.Count} activations; expected {names.Length}");
        }

        var parameters = (
            new Queue<float>(at.Attribute("activation_alpha")?.Floats ?? []),
                new Queue<float>(at.Attribute("activation_beta")?.Floats ?? []));
        ActivationFunction[] functions = Array.ConvertAll(names, name => FlowActivations.OfGate(at, name, parameters));
        return kind switch
        {
            "LSTM" => new CellVariant(functions[0], functions[1], functions[2]),
            "GRU" => new CellVariant(functions[0], functions[1]),
            _ => new CellVariant(Activation: functions[0]),
        };
    }

    // A constant, the same for each sequence, or elements of a graph input that the caller carries from run to run.
    private static (Item[]? Carried, SourceTensor? Constant) Initial(NodeScope at, int input, string meaning, int hidden,
        FlowAxis batch)
    {
        if (at.KnownOrNone(input, meaning) is not { } given)
        {
            return (null, null);
        }

        Known state = KnownTensors.Materialise(at.Budget, given);
        int rows = state.StoredLength / hidden;
        bool fits = state.StoredLength > 0 && state.StoredLength % hidden == 0
            && (!batch.Size.IsNumber || rows == 1 || rows == batch.Size.Value);
        if (!fits)
        {
            throw at.Refuse($"its {meaning} '{at.InputName(input)}' has the shape {state.ShapeText}; expected [1, batch, "
                + $"{hidden}]");
        }

        if (state.Items is { } items)
        {
            return Array.TrueForAll(items, item => item.Kind == ItemKind.StateInput)
                ? (items, null)
                : throw at.Refuse($"its {meaning} '{at.InputName(input)}' is the state of another layer or is computed; only "
                    + "a constant or an input of the graph can be carried on");
        }

        float[] values = state.Floats![..hidden];
        for (int row = 1; row < rows; row++)
        {
            if (!values.AsSpan().SequenceEqual(state.Floats.AsSpan(row * hidden, hidden)))
            {
                throw at.Refuse($"its {meaning} '{at.InputName(input)}' begins each sequence of the batch elsewhere; expected "
                    + "one state");
            }
        }

        return Array.TrueForAll(values, value => value == 0) ? (null, null) : (null, new SourceTensor(meaning, [hidden], values));
    }

    // The last state as elements that name their layer; of which: 0 h, 1 c.
    private static Known State(NodeScope at, RecurrentStep step, FlowAxis batch, long layout, int which)
    {
        // Exporters keep one example's batch in the state inputs where only that of the samples is left open.
        int hidden = step.HiddenSize;
        Item[]? carried = which == 0 ? step.CarriedHidden : step.CarriedCell;
        Item rows = carried is not null && carried.Length > hidden ? new Item(carried.Length / hidden)
            : batch.Size is { IsNumber: true, Value: <= MaxRowsOfState } ? batch.Size
            : Item.Batch;
        int stored = rows.IsNumber ? (int)rows.Value : 1;
        at.Budget.Spend((long)stored * hidden);
        var items = new Item[stored * hidden];
        for (int k = 0; k < items.Length; k++)
        {
            items[k] = new Item(k, ItemKind.StateOutput, (2 * step.Id) + which);
        }

        string name = which == 0 ? "last h" : "last c";
        return layout == 0
            ? new Known(name, [new Item(1), rows, new Item(hidden)], [1, stored, hidden], null, items)
            : new Known(name, [rows, new Item(1), new Item(hidden)], [stored, 1, hidden], null, items);
    }
}

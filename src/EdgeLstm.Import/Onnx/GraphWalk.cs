// Walks a graph once, first node to last, with what is known of each edge instead of numbers: constants are folded, the signal is
// followed, and a node that is not understood only matters where the output needs it.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Onnx;

/// <summary>The values of all edges, under one reading of the input's axes.</summary>
internal sealed class GraphWalk
{
    private readonly SourceFile _file;
    private readonly OnnxModel _model;
    private readonly FoldBudget _budget;
    private readonly TensorReader _tensors;
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxTensor> _initializers = new(StringComparer.Ordinal);
    private readonly List<RecurrentStep> _recurrent = [];
    private readonly List<Flow> _sequences = [];
    private readonly string _hint;
    private bool _swapsAxes;

    private GraphWalk(SourceFile file, OnnxModel model)
    {
        _file = file;
        _model = model;
        _budget = new FoldBudget(file);
        _tensors = new TensorReader(file, _budget);
        _hint = UnrolledHint(model.Graph);
    }

    public List<string> Warnings { get; } = [];

    /// <summary>Whether a recurrent node found time where it expected the batch: the other reading of the input is
    /// right.</summary>
    public bool SwapsAxes => _swapsAxes;

    /// <summary>Walks the graph.</summary>
    /// <param name="file">The file.</param>
    /// <param name="model">Its content.</param>
    /// <param name="sample">The input that holds the samples.</param>
    /// <param name="sampleFlow">How its axes are read.</param>
    /// <param name="bound">Constants for inputs of the graph.</param>
    public static GraphWalk Run(
        SourceFile file, OnnxModel model, OnnxValueInfo sample, Flow sampleFlow, IReadOnlyDictionary<string, SourceTensor> bound)
    {
        var walk = new GraphWalk(file, model);
        foreach (OnnxTensor tensor in model.Graph.Initializers)
        {
            walk._initializers[tensor.Name] = tensor;
        }

        for (int k = 0; k < model.Graph.Inputs.Count; k++)
        {
            walk.AddInput(k, sample, sampleFlow, bound);
        }

        foreach (OnnxNode node in model.Graph.Nodes)
        {
            walk.Visit(node);
        }

        return walk;
    }

    /// <summary>The value of an edge; null where nothing gives it.</summary>
    public Value? Find(string name)
    {
        if (_values.TryGetValue(name, out Value? value))
        {
            return value;
        }

        if (!_initializers.TryGetValue(name, out OnnxTensor? tensor))
        {
            return null;
        }

        value = _tensors.Read(tensor, name);
        _values.Add(name, value);
        return value;
    }

    /// <summary>The recurrent layer with the number <paramref name="id"/>.</summary>
    public RecurrentStep Recurrent(int id) => _recurrent[id];

    /// <summary>The signal of the last time step where <paramref name="known"/> is the last h of one layer; else null.</summary>
    public Flow? AsHead(Known known)
    {
        if (!known.IsStateOutput || known.Items![0].Source % 2 != 0 || known.Rank == 0)
        {
            return null;
        }

        RecurrentStep step = _recurrent[known.Items[0].Source / 2];
        int hidden = step.HiddenSize;
        bool isWhole = known.Stored[^1] == hidden && known.Items[0].Value % hidden == 0;
        for (int k = 1; k < known.Items.Length && isWhole; k++)
        {
            Item expected = known.Items[0] with { Value = known.Items[0].Value + k };
            isWhole = known.Items[k] == expected;
        }

        if (!isWhole)
        {
            return null;
        }

        // What is not of size 1 beside the features is the batch.
        var axes = new FlowAxis[known.Rank];
        for (int axis = 0; axis < axes.Length; axis++)
        {
            bool isBatch = !known.Shape[axis].IsOne;
            axes[axis] = axis == axes.Length - 1 ? FlowAxis.Feature(hidden)
                : isBatch ? new FlowAxis("B", _sequences[step.Id].Batch)
                : FlowAxis.One;
        }

        return _sequences[step.Id] with { Axes = axes, IsLastStep = true };
    }

    private void AddInput(int index, OnnxValueInfo sample, Flow sampleFlow, IReadOnlyDictionary<string, SourceTensor> bound)
    {
        OnnxValueInfo input = _model.Graph.Inputs[index];
        if (bound.TryGetValue(input.Name, out SourceTensor? tensor))
        {
            _values[input.Name] = new Known(
                input.Name, Array.ConvertAll(tensor.Shape, size => new Item(size)), tensor.Shape, tensor.Values, null);
        }
        else if (ReferenceEquals(input, sample))
        {
            _values[input.Name] = sampleFlow;
        }
        else if (!_initializers.ContainsKey(input.Name))
        {
            _values[input.Name] = StateInput(input, index);
        }
    }

    // Another input may be a state: each of its elements is followed by its place.
    private Value StateInput(OnnxValueInfo input, int index)
    {
        List<long?>? dims = input.Dims;
        if (dims is null or { Count: > 8 })
        {
            return new Refused(_file.Refuse(
                $"input '{QuotedText.Of(input.Name)}' has {input.ShapeText}; expected that of a state"));
        }

        var shape = new Item[dims.Count];
        int[] stored = new int[dims.Count];
        long total = 1;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            shape[axis] = dims[axis] is { } size ? new Item(size) : Item.Batch;
            stored[axis] = (int)Math.Min(dims[axis] ?? 1, int.MaxValue);
            total = Math.Min(total * stored[axis], int.MaxValue);
        }

        _budget.Spend(total);
        var items = new Item[total];
        for (int k = 0; k < items.Length; k++)
        {
            items[k] = new Item(k, ItemKind.StateInput, index);
        }

        return new Known(input.Name, shape, stored, null, items);
    }

    private void Visit(OnnxNode node)
    {
        Value[] results;
        try
        {
            results = Evaluate(node);
        }
        catch (ModelFileException reason)
        {
            results = [.. node.Outputs.Select(_ => new Refused(reason))];
        }

        for (int k = 0; k < node.Outputs.Count; k++)
        {
            string name = node.Outputs[k];
            if (name.Length > 0)
            {
                _values[name] = k < results.Length
                    ? results[k]
                    : new Refused(_file.Refuse($"node '{node.Shown}' ({QuotedText.Of(node.OpType)}): its output {k} "
                        + $"'{QuotedText.Of(name)}' cannot be imported"));
            }
        }
    }

    private Value[] Evaluate(OnnxNode node)
    {
        var inputs = new Value?[node.Inputs.Count];
        for (int k = 0; k < inputs.Length; k++)
        {
            string name = node.Inputs[k];
            inputs[k] = name.Length == 0 ? null
                : Find(name) ?? throw _file.Refuse(
                    $"node '{node.Shown}' reads '{QuotedText.Of(name)}', which nothing before it gives");
            if (inputs[k] is Refused refused)
            {
                return [.. node.Outputs.Select(_ => refused)];
            }
        }

        var at = new NodeScope(_file, node, _model.Opset, inputs, _budget, _tensors);
        return OnnxNode.IsStandard(node.Domain) ? Evaluate(at) : throw Unsupported.Refuse(at, _hint);
    }

    private Value[] Evaluate(NodeScope at)
    {
        if (at.Node.IsRecurrent)
        {
            return EvaluateRecurrent(at);
        }

        bool isKnown = at.Inputs.All(input => input is Known or null);
        if (isKnown && Folding.Fold(at) is { } folded)
        {
            return folded;
        }

        // The last state of a layer is also what a head may read.
        Value?[] signals = [.. at.Inputs.Select(input => input is Known known ? AsHead(known) ?? input : input)];
        var head = new NodeScope(_file, at.Node, _model.Opset, signals, _budget, _tensors);
        Value? result = signals.Any(input => input is Flow or Moment)
            ? FlowShapes.Follow(head) ?? FlowLayers.Compute(head)
            : null;
        return result is null ? throw Unsupported.Refuse(head, _hint) : [result];
    }

    private Value[] EvaluateRecurrent(NodeScope at)
    {
        Value[] results = RecurrentNodes.Read(at, _recurrent.Count, Warnings, ref _swapsAxes);
        var sequence = (Flow)results[0];
        _sequences.Add(sequence);
        _recurrent.Add((RecurrentStep)sequence.Last!);
        return results;
    }

    private static string UnrolledHint(OnnxGraph graph)
    {
        int sigmoids = graph.Nodes.Count(node => node.OpType is "Sigmoid" or "HardSigmoid");
        return graph.FindRecurrent() is null && sigmoids >= 2 && graph.Nodes.Exists(node => node.OpType == "Tanh")
            ? ". The graph has no LSTM, GRU or RNN operator: its recurrence seems to be taken apart into MatMul, Sigmoid and "
                + "Tanh. Export it with the operator kept"
            : "";
    }
}

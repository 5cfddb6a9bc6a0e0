// Writes small ONNX files for tests: the wire format by hand, so that the reader is not tested against itself.

using System.Buffers.Binary;
using System.Text;

namespace EdgeLstm.Import.Tests.Onnx;

/// <summary>A message of a protocol buffer.</summary>
internal sealed class ProtoWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public ProtoWriter Varint(int field, long value) => Tag(field, 0).Raw((ulong)value);

    public ProtoWriter Float(int field, float value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        Tag(field, 5)._bytes.AddRange(bytes);
        return this;
    }

    public ProtoWriter Text(int field, string text) => Data(field, Encoding.UTF8.GetBytes(text));

    public ProtoWriter Message(int field, ProtoWriter message) => Data(field, message.Bytes);

    public ProtoWriter Data(int field, ReadOnlySpan<byte> bytes)
    {
        Tag(field, 2).Raw((ulong)bytes.Length)._bytes.AddRange(bytes);
        return this;
    }

    private ProtoWriter Tag(int field, int wire) => Raw((ulong)((field << 3) | wire));

    private ProtoWriter Raw(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
        return this;
    }
}

/// <summary>Builds a graph.</summary>
internal sealed class OnnxBuilder
{
    private readonly ProtoWriter _graph = new();
    private readonly ProtoWriter _rest = new();
    private int _nodes;

    public int Opset { get; init; } = 14;

    public string Producer { get; init; } = "test";

    public string Version { get; init; } = "1.0";

    public ProtoWriter Graph => _graph;

    /// <summary>Adds an input; sizes are numbers or names.</summary>
    public OnnxBuilder Input(string name, params object[] dims) => ValueInfo(11, name, dims);

    public OnnxBuilder Output(params string[] names)
    {
        foreach (string name in names)
        {
            ValueInfo(12, name, []);
        }

        return this;
    }

    /// <summary>Adds an initialiser with values in a fixed pattern.</summary>
    public OnnxBuilder Weights(string name, params int[] dims) =>
        Floats(name, dims, Values(name, dims.Aggregate(1, (product, size) => product * size)));

    /// <summary>That pattern.</summary>
    public static float[] Values(string name, int count)
    {
        float[] values = new float[count];
        for (int k = 0; k < values.Length; k++)
        {
            values[k] = MathF.Sin((k * 1.7f) + name.Length + name[0]) / 2;
        }

        return values;
    }

    public OnnxBuilder Floats(string name, int[] dims, params float[] values)
    {
        byte[] raw = new byte[4 * values.Length];
        Buffer.BlockCopy(values, 0, raw, 0, raw.Length);
        return Tensor(name, dims, 1, tensor => tensor.Data(9, raw));
    }

    public OnnxBuilder Integers(string name, params long[] values) =>
        Tensor(name, [values.Length], 7, tensor => Array.ForEach(values, value => tensor.Varint(7, value)));

    public OnnxBuilder Integer(string name, long value) => Tensor(name, [], 7, tensor => tensor.Varint(7, value));

    public OnnxBuilder Tensor(string name, int[] dims, int type, Action<ProtoWriter> fill)
    {
        _graph.Message(5, TensorOf(name, dims, type, fill));
        return this;
    }

    /// <summary>Adds a node: names separated by spaces, '-' for one that is left out.</summary>
    public OnnxBuilder Node(string op, string inputs, string outputs, params (string Name, object Value)[] attributes) =>
        NodeOf("", op, inputs, outputs, attributes);

    public OnnxBuilder NodeOf(
        string domain, string op, string inputs, string outputs, params (string Name, object Value)[] attributes)
    {
        ProtoWriter node = new ProtoWriter().Text(3, $"{op.ToLowerInvariant()}{_nodes++}").Text(4, op).Text(7, domain);
        foreach (string name in inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            node.Text(1, name == "-" ? "" : name);
        }

        foreach (string name in outputs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            node.Text(2, name == "-" ? "" : name);
        }

        foreach ((string name, object value) in attributes)
        {
            node.Message(5, Attribute(name, value));
        }

        _graph.Message(1, node);
        return this;
    }

    public OnnxBuilder Metadata(string key, string value)
    {
        _rest.Message(14, new ProtoWriter().Text(1, key).Text(2, value));
        return this;
    }

    public SourceFile ToFile(string path = "test.onnx") => new(path, ToBytes());

    public byte[] ToBytes()
    {
        ProtoWriter model = new ProtoWriter().Varint(1, 8).Text(2, Producer).Text(3, Version).Message(7, _graph)
            .Message(8, new ProtoWriter().Text(1, "").Varint(2, Opset));
        return [.. model.Bytes, .. _rest.Bytes];
    }

    public static ProtoWriter TensorOf(string name, int[] dims, int type, Action<ProtoWriter> fill)
    {
        ProtoWriter tensor = new ProtoWriter().Varint(2, type).Text(8, name);
        Array.ForEach(dims, size => tensor.Varint(1, size));
        fill(tensor);
        return tensor;
    }

    private static ProtoWriter Attribute(string name, object value)
    {
        ProtoWriter attribute = new ProtoWriter().Text(1, name);
        switch (value)
        {
            case int number: attribute.Varint(3, number).Varint(20, 2); break;
            case float number: attribute.Float(2, number).Varint(20, 1); break;
            case string text: attribute.Text(4, text).Varint(20, 3); break;
            case ProtoWriter tensor: attribute.Message(5, tensor).Varint(20, 4); break;
            case OnnxBuilder body: attribute.Message(6, body.Graph).Varint(20, 5); break;
            case float[] numbers: Array.ForEach(numbers, number => attribute.Float(7, number)); break;
            case int[] numbers: Array.ForEach(numbers, number => attribute.Varint(8, number)); break;
            case string[] texts: Array.ForEach(texts, text => attribute.Text(9, text)); break;
            default: throw new ArgumentException($"no attribute of {value.GetType()}", nameof(value));
        }

        return attribute;
    }

    private OnnxBuilder ValueInfo(int field, string name, object[] dims)
    {
        ProtoWriter shape = new();
        foreach (object dim in dims)
        {
            shape.Message(1, dim is int size ? new ProtoWriter().Varint(1, size) : new ProtoWriter().Text(2, (string)dim));
        }

        ProtoWriter tensor = new ProtoWriter().Varint(1, 1);
        tensor = dims.Length > 0 ? tensor.Message(2, shape) : tensor;
        _graph.Message(field, new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, tensor)));
        return this;
    }
}

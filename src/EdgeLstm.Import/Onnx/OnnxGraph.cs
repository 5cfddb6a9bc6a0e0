// The messages of an ONNX graph as they were read; what they mean is found by GraphWalk.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Onnx;

/// <summary>GraphProto, also of the body of an If, Loop or Scan.</summary>
internal sealed class OnnxGraph
{
    public List<OnnxNode> Nodes { get; } = [];

    public List<OnnxTensor> Initializers { get; } = [];

    public List<OnnxValueInfo> Inputs { get; } = [];

    public List<OnnxValueInfo> Outputs { get; } = [];

    /// <summary>Whether a node here or in a body within is one of the recurrent operators.</summary>
    public OnnxNode? FindRecurrent()
    {
        foreach (OnnxNode node in Nodes)
        {
            OnnxNode? found = node.IsRecurrent ? node : node.FindRecurrentWithin();
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }
}

/// <summary>NodeProto.</summary>
internal sealed class OnnxNode
{
    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    public List<OnnxAttribute> Attributes { get; } = [];

    public string Name { get; set; } = "";

    public string OpType { get; set; } = "";

    public string Domain { get; set; } = "";

    /// <summary>The name as a person knows it: of the node, else of what it computes.</summary>
    public string Shown => QuotedText.Of(Name.Length > 0 ? Name : Outputs.Find(output => output.Length > 0) ?? OpType);

    /// <summary>The name of its layer: of the node, else of the operator.</summary>
    public string LayerName => Name.Length > 0 ? Name : OpType;

    public bool IsRecurrent => IsStandard(Domain) && OpType is "LSTM" or "GRU" or "RNN";

    /// <summary>Whether a domain is that of the standard's operators.</summary>
    public static bool IsStandard(string domain) => domain is "" or "ai.onnx";

    /// <summary>A recurrent operator in one of its bodies.</summary>
    public OnnxNode? FindRecurrentWithin()
    {
        foreach (OnnxAttribute attribute in Attributes)
        {
            foreach (OnnxGraph body in attribute.Graphs)
            {
                if (body.FindRecurrent() is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }
}

/// <summary>AttributeProto.</summary>
internal sealed class OnnxAttribute
{
    public string Name { get; set; } = "";

    public float Float { get; set; }

    public long Integer { get; set; }

    public string Text { get; set; } = "";

    public OnnxTensor? Tensor { get; set; }

    public List<OnnxGraph> Graphs { get; } = [];

    public List<float> Floats { get; } = [];

    public List<long> Integers { get; } = [];

    public List<string> Texts { get; } = [];
}

/// <summary>TensorProto; its values are in one of the lists, in <see cref="Raw"/>, or in another file.</summary>
internal sealed class OnnxTensor
{
    public List<long> Dims { get; } = [];

    public long DataType { get; set; }

    public string Name { get; set; } = "";

    public List<float> Floats { get; } = [];

    public List<long> Integers { get; } = [];

    public ReadOnlyMemory<byte>? Raw { get; set; }

    public bool IsExternal { get; set; }

    public string Location { get; set; } = "";

    public string Offset { get; set; } = "";

    public string Length { get; set; } = "";
}

/// <summary>ValueInfoProto.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dims">Its sizes; null where one is not fixed; the list is null where no shape is said.</param>
internal sealed record OnnxValueInfo(string Name, List<long?>? Dims)
{
    /// <summary>The shape as a message shows it.</summary>
    public string ShapeText => Dims is null
        ? "no shape"
        : $"shape [{string.Join(", ", Dims.ConvertAll(size => size is null ? "?" : $"{size}"))}]";
}

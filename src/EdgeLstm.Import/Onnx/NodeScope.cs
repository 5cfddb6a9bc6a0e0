// One node with the values of its inputs, its attributes with their defaults, and the words of a refusal.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Onnx;

/// <summary>What one node may read.</summary>
internal sealed class NodeScope(SourceFile file, OnnxNode node, long opset, Value?[] inputs, FoldBudget budget,
    TensorReader tensors)
{
    public OnnxNode Node => node;

    public long Opset => opset;

    public FoldBudget Budget => budget;

    public IReadOnlyList<Value?> Inputs => inputs;

    /// <summary>The refusal of the file because of this node.</summary>
    public ModelFileException Refuse(string fault) =>
        file.Refuse($"node '{node.Shown}' ({QuotedText.Of(node.OpType)}): {fault}");

    public long Int(string name, long otherwise) => Attribute(name)?.Integer ?? otherwise;

    public float Float(string name, float otherwise) => Attribute(name)?.Float ?? otherwise;

    public long[]? Ints(string name) => Attribute(name) is { } attribute ? [.. attribute.Integers] : null;

    public string? Text(string name) => Attribute(name)?.Text;

    public OnnxAttribute? Attribute(string name) => node.Attributes.Find(attribute => attribute.Name == name);

    public Value? Input(int index) => index < inputs.Length ? inputs[index] : null;

    /// <summary>A known input; null where it is left out.</summary>
    public Known? KnownOrNone(int index, string meaning) => Input(index) switch
    {
        null => null,
        Known known => known,
        _ => throw Refuse($"its {meaning} '{InputName(index)}' is computed from the samples; only constant ones can be imported"),
    };

    public Known Known(int index, string meaning) => KnownOrNone(index, meaning) ?? throw Refuse($"its {meaning} is missing");

    public Flow Flow(int index)
    {
        if (Input(index) is not Flow flow)
        {
            throw Refuse($"its input '{InputName(index)}' is not computed from the samples alone; expected the signal");
        }

        return flow.LeftPad == 0 || node.OpType == "Conv"
            ? flow
            : throw Refuse("reads a signal with zeros put before its first time step; only a Conv may");
    }

    /// <summary>Integers of a known input; null where it is left out.</summary>
    public long[]? Numbers(int index, string meaning)
    {
        Known? known = KnownOrNone(index, meaning);
        if (known is null)
        {
            return null;
        }

        return known.Items is { } items && Array.TrueForAll(items, item => item.IsNumber) && known.Rank <= 1
            && (known.Rank == 0 || known.Stored[0] == items.Length && known.Shape[0] == new Item(items.Length))
            ? Array.ConvertAll(items, item => item.Value)
            : throw Refuse($"its {meaning} '{InputName(index)}' is not a list of constant integers");
    }

    /// <summary>Axes from the attribute of older opsets or the input of newer ones; null where neither is there.</summary>
    public long[]? Axes(int index) => Ints("axes") ?? Numbers(index, "axes");

    /// <summary>The axis <paramref name="axis"/> of <paramref name="rank"/>, counted from the end where it is negative.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Refuse($"axis {axis} is not one of {rank} axes");

    /// <summary>The tensor of an attribute.</summary>
    public Known Tensor(OnnxTensor tensor) => tensors.Read(tensor, node.Shown);

    public string InputName(int index) => index < node.Inputs.Count ? QuotedText.Of(node.Inputs[index]) : "";
}

/// <summary>Bounds the work of folding constants: values written, whatever the file says.</summary>
internal sealed class FoldBudget(SourceFile file)
{
    private long _left = (1L << 20) + (4L * file.Bytes.Length);

    /// <summary>Refuses the file once too many values were folded.</summary>
    public void Spend(long values)
    {
        _left -= values;
        if (values < 0 || _left < 0)
        {
            throw file.Refuse("its constants unfold to far more values than the file holds; simplify it (onnxsim) and try again");
        }
    }

    /// <summary>External data may be unfolded too.</summary>
    public void Extend(long values) => _left += 4 * values;
}

// An integer, or what stands for one that only a run would know: a size of the input's shape, an element of a carried state.

namespace EdgeLstm.Import.Onnx;

/// <summary>What an <see cref="Item"/> stands for.</summary>
internal enum ItemKind : byte
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>The number of time steps.</summary>
    Time,

    /// <summary>The number of sequences.</summary>
    Batch,

    /// <summary>Computed from one of these.</summary>
    Unknown,

    /// <summary>Element Value of graph input Source.</summary>
    StateInput,

    /// <summary>Element Value of the last state of recurrent node Source / 2: of h, or of c where Source is odd.</summary>
    StateOutput,
}

/// <summary>A size, an index or an element of a state.</summary>
internal readonly record struct Item(long Value, ItemKind Kind = ItemKind.Number, int Source = 0)
{
    public static Item Time { get; } = new(0, ItemKind.Time);

    public static Item Batch { get; } = new(0, ItemKind.Batch);

    public static Item Unknown { get; } = new(0, ItemKind.Unknown);

    public bool IsNumber => Kind == ItemKind.Number;

    public bool IsOne => this == new Item(1);

    public override string ToString() => Kind switch
    {
        ItemKind.Number => $"{Value}",
        ItemKind.Time => "time",
        ItemKind.Batch => "batch",
        _ => "?",
    };
}

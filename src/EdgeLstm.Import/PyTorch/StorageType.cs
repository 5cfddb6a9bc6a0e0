// The storage classes of torch that may stand in a file:  torch.FloatStorage, four bytes, float32; and so on.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.PyTorch;

/// <summary>How the numbers of a storage are stored.</summary>
/// <param name="ElementBytes">Bytes of one number.</param>
/// <param name="Real">The number format; null for whole numbers, which no layer needs.</param>
internal sealed record StorageType(int ElementBytes, TensorType? Real)
{
    /// <summary>The type of a class of module torch; null where it is none that can be read.</summary>
    public static StorageType? Find(PickleSymbol symbol) => symbol.Module != "torch" ? null : symbol.Name switch
    {
        "FloatStorage" => new StorageType(4, TensorType.F32),
        "DoubleStorage" => new StorageType(8, TensorType.F64),
        "HalfStorage" => new StorageType(2, TensorType.F16),
        "BFloat16Storage" => new StorageType(2, TensorType.BF16),
        "LongStorage" => new StorageType(8, null),
        "IntStorage" => new StorageType(4, null),
        "ShortStorage" => new StorageType(2, null),
        "CharStorage" or "ByteStorage" or "BoolStorage" => new StorageType(1, null),
        _ => null,
    };
}

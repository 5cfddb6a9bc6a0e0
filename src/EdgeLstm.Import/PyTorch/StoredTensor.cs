// The numbers of a tensor out of its storage:  element (i, j, …) is number offset + i · stride₀ + j · stride₁ + … of the storage.

using System.Buffers.Binary;
using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Finds the bytes of storages and reads tensors from them.</summary>
/// <remarks>
/// Shape, strides and offset are held against the storage, and the storage against the file, before anything is allocated. A
/// tensor has at most as many elements as its storage, and all tensors that are read take at most eight times the size of the
/// file: expanded or shared tensors beyond that are refused.
/// </remarks>
internal sealed class StoredTensor
{
    private const int MaxRank = 8;
    private const int MaxTimesOfFile = 8;

    private readonly SourceFile _file;
    private readonly Func<PickledStorage, ReadOnlyMemory<byte>> _storages;
    private long _remaining;

    /// <param name="file">The file.</param>
    /// <param name="storages">The bytes of a storage; refuses one that is not there or of another size.</param>
    public StoredTensor(SourceFile file, Func<PickledStorage, ReadOnlyMemory<byte>> storages)
    {
        _file = file;
        _storages = storages;
        _remaining = (long)MaxTimesOfFile * file.Bytes.Length;
    }

    /// <summary>A tensor that was checked against its storage, its numbers still in the file.</summary>
    /// <exception cref="ModelFileException">It does not lie within its storage, or the file lacks that.</exception>
    public StateTensor Checked(string name, PickledTensor tensor)
    {
        Check(name, tensor);
        _storages(tensor.Storage);
        int[] shape = tensor.Shape.ToArray(size => (int)size);
        return new StateTensor(name, shape, tensor.Storage.Type.Real is not null, () => Read(name, shape, tensor));
    }

    private void Check(string name, PickledTensor tensor)
    {
        (long[] shape, long[] strides, long count) = (tensor.Shape, tensor.Strides, tensor.Storage.Count);
        if (shape.Length != strides.Length || shape.Length > MaxRank)
        {
            throw Fault(name, $"has {shape.Length} sizes and {strides.Length} strides; expected as many of both, at most "
                + $"{MaxRank}");
        }

        if (tensor.Offset < 0 || count < 0 || Array.Exists(shape, size => size < 0) || Array.Exists(strides, step => step < 0))
        {
            throw Fault(name, $"has shape {Text(shape)}, strides {Text(strides)} and offset {tensor.Offset}; none may be "
                + $"negative");
        }

        // In 128 bits nothing overflows: every factor is below 2^63 and each product is compared before the next.
        Int128 elements = 1;
        Int128 last = tensor.Offset;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            last += shape[axis] == 0 ? 0 : (Int128)(shape[axis] - 1) * strides[axis];
            elements = shape[axis] == 0 ? 0 : elements * shape[axis];
            if (elements > count || (elements > 0 && last > long.MaxValue))
            {
                break;
            }
        }

        if (elements > count || (elements > 0 && last >= count) || Array.Exists(shape, size => size > int.MaxValue))
        {
            throw Fault(name, $"has shape {Text(shape)}, strides {Text(strides)} and offset {tensor.Offset}, which do not lie "
                + $"within "
                + $"the {count} numbers of its storage '{QuotedText.Of(tensor.Storage.Key)}'");
        }
    }

    private float[] Read(string name, int[] shape, PickledTensor tensor)
    {
        TensorType type = tensor.Storage.Type.Real
            ?? throw Fault(name, "holds whole numbers; expected float16, bfloat16, float32 or float64");
        ReadOnlySpan<byte> stored = _storages(tensor.Storage).Span;
        int count = (int)shape.Aggregate(1L, (product, size) => product * size);
        _remaining -= (long)count * sizeof(float);
        if (_remaining < 0)
        {
            throw Fault(name, $"is a further view of a shared storage: together the tensors are more than {MaxTimesOfFile} times "
                + "as large as the file");
        }

        float[] values = new float[count];
        if (count > 0)
        {
            ReadAxis(stored[((int)tensor.Offset * type.SizeBytes())..], type, shape, tensor.Strides, values);
        }

        return values;
    }

    // At most eight axes deep; rows without gaps are converted as a whole.
    private static void ReadAxis(
        ReadOnlySpan<byte> stored, TensorType type, ReadOnlySpan<int> shape, ReadOnlySpan<long> strides, Span<float> values)
    {
        int size = type.SizeBytes();
        if (IsContiguous(shape, strides))
        {
            TensorTypes.ToSingle(stored[..(values.Length * size)], type, values);
            return;
        }

        if (shape.Length == 1)
        {
            ReadRow(stored, type, (int)strides[0] * size, values);
            return;
        }

        int block = values.Length / shape[0];
        for (int k = 0; k < shape[0]; k++)
        {
            ReadOnlySpan<byte> from = stored[(int)(k * strides[0] * size)..];
            ReadAxis(from, type, shape[1..], strides[1..], values.Slice(k * block, block));
        }
    }

    // A transposed matrix is all such rows: the format is asked once for each, not for each number.
    private static void ReadRow(ReadOnlySpan<byte> stored, TensorType type, int stepBytes, Span<float> values)
    {
        switch (type)
        {
            case TensorType.F32:
                for (int k = 0; k < values.Length; k++)
                {
                    values[k] = BinaryPrimitives.ReadSingleLittleEndian(stored[(k * stepBytes)..]);
                }

                break;
            default:
                int size = type.SizeBytes();
                for (int k = 0; k < values.Length; k++)
                {
                    TensorTypes.ToSingle(stored.Slice(k * stepBytes, size), type, values.Slice(k, 1));
                }

                break;
        }
    }

    private static bool IsContiguous(ReadOnlySpan<int> shape, ReadOnlySpan<long> strides)
    {
        long expected = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            if (shape[axis] != 1 && strides[axis] != expected)
            {
                return false;
            }

            expected *= shape[axis];
        }

        return true;
    }

    private static string Text(long[] values)
    {
        long[] first = values.Length <= MaxRank ? values : values[..MaxRank];
        return $"[{string.Join(", ", first.ToArray(value => value.ToString(CultureInfo.InvariantCulture)))}]";
    }

    private ModelFileException Fault(string name, string fault) => _file.Refuse($"tensor '{QuotedText.Of(name)}' {fault}");
}

// Writes small files as torch.save does, so that the reader is tested without PyTorch and without fixtures.

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using EdgeLstm.Import.PyTorch;
using EdgeLstm.Import.Zip;

namespace EdgeLstm.Import.Tests.PyTorch;

/// <summary>A tensor to be written; contiguous unless strides are given.</summary>
internal sealed record WrittenTensor(string Name, int[] Shape, float[] Storage, long[]? Strides = null, long Offset = 0)
{
    /// <summary>A tensor of numbers that are all different: 0.01, −0.02, 0.03, …</summary>
    public static WrittenTensor Of(string name, params int[] shape)
    {
        int count = shape.Aggregate(1, (product, size) => product * size);
        return new WrittenTensor(
            name, shape, [.. Enumerable.Range(0, count).Select(k => (k % 2 == 0 ? 1 : -1) * 0.01f * ((k + name.Length) % 37))]);
    }
}

/// <summary>Pickle opcodes, written one after the other.</summary>
internal sealed class PickleWriter
{
    private readonly List<byte> _bytes = [];

    public PickleWriter() => Op(PickleOpcode.Proto, 2);

    public byte[] Bytes => [.. _bytes];

    public PickleWriter Op(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleWriter Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Op(PickleOpcode.BinUnicode).Op(length).Op(utf8);
    }

    public PickleWriter Integer(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Op(PickleOpcode.Long1, 8).Op(bytes);
    }

    public PickleWriter Global(string module, string name) =>
        Op([PickleOpcode.Global, .. Encoding.UTF8.GetBytes($"{module}\n{name}\n")]);

    public PickleWriter Integers(IEnumerable<long> values)
    {
        Op(PickleOpcode.Mark);
        foreach (long value in values)
        {
            Integer(value);
        }

        return Op(PickleOpcode.Tuple);
    }

    public PickleWriter Tensor(WrittenTensor tensor, string key, string storageType = "FloatStorage", bool isLegacy = false)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOpcode.Mark, PickleOpcode.Mark).Text("storage");
        Global("torch", storageType).Text(key).Text("cpu").Integer(tensor.Storage.Length);
        Op(isLegacy ? [PickleOpcode.None] : []).Op(PickleOpcode.Tuple, PickleOpcode.BinPersId);
        Integer(tensor.Offset).Integers(tensor.Shape.Select(size => (long)size));
        Integers(tensor.Strides ?? Contiguous(tensor.Shape));
        Op(PickleOpcode.NewFalse).Global("collections", "OrderedDict").Op(PickleOpcode.EmptyTuple, PickleOpcode.Reduce);
        return Op(PickleOpcode.Tuple, PickleOpcode.Reduce);
    }

    public PickleWriter StateDict(IReadOnlyList<WrittenTensor> tensors, bool isLegacy = false)
    {
        Global("collections", "OrderedDict").Op(PickleOpcode.EmptyTuple, PickleOpcode.Reduce, PickleOpcode.Mark);
        for (int k = 0; k < tensors.Count; k++)
        {
            Text(tensors[k].Name).Tensor(tensors[k], $"{k}", isLegacy: isLegacy);
        }

        return Op(PickleOpcode.SetItems);
    }

    private static long[] Contiguous(int[] shape)
    {
        long[] strides = new long[shape.Length];
        long stride = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        return strides;
    }
}

/// <summary>Whole files.</summary>
internal static class TorchFileWriter
{
    /// <summary>A state_dict as PyTorch since 1.6 writes it.</summary>
    public static SourceFile Zip(params WrittenTensor[] tensors) =>
        Zip(new PickleWriter().StateDict(tensors).Op(PickleOpcode.Stop).Bytes, tensors);

    /// <summary>An archive with this pickle.</summary>
    public static SourceFile Zip(byte[] pickle, IReadOnlyList<WrittenTensor> tensors, string byteOrder = "little")
    {
        List<(string, byte[])> entries = [("m/data.pkl", pickle), ("m/byteorder", Encoding.ASCII.GetBytes(byteOrder))];
        entries.AddRange(tensors.Select((tensor, k) => ($"m/data/{k}", Bytes(tensor.Storage))));
        return new SourceFile("made.pt", Archive(entries));
    }

    /// <summary>A state_dict as PyTorch before 1.6 wrote it.</summary>
    public static SourceFile Legacy(params WrittenTensor[] tensors)
    {
        byte[] magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
        PickleWriter keys = new PickleWriter().Op(PickleOpcode.EmptyList, PickleOpcode.Mark);
        List<byte> storages = [];
        for (int k = 0; k < tensors.Length; k++)
        {
            keys.Text($"{k}");
            storages.AddRange([.. BitConverter.GetBytes((long)tensors[k].Storage.Length), .. Bytes(tensors[k].Storage)]);
        }

        byte[] bytes =
        [
            .. magic,
            .. new PickleWriter().Integer(1001).Op(PickleOpcode.Stop).Bytes,
            .. new PickleWriter().Op(PickleOpcode.EmptyDict).Text("little_endian")
                .Op(PickleOpcode.NewTrue, PickleOpcode.SetItem, PickleOpcode.Stop).Bytes,
            .. new PickleWriter().StateDict(tensors, isLegacy: true).Op(PickleOpcode.Stop).Bytes,
            .. keys.Op(PickleOpcode.Appends, PickleOpcode.Stop).Bytes,
            .. storages,
        ];
        return new SourceFile("made.pth", bytes);
    }

    /// <summary>A zip archive of stored entries.</summary>
    public static byte[] Archive(IReadOnlyList<(string Name, byte[] Bytes)> entries)
    {
        var archive = new MemoryStream();
        var directory = new MemoryStream();
        foreach ((string name, byte[] bytes) in entries)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(name);
            int at = (int)archive.Position;
            byte[] shared =
            [
                20, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                .. BitConverter.GetBytes(Crc32.Of(bytes)),
                .. BitConverter.GetBytes(bytes.Length), .. BitConverter.GetBytes(bytes.Length),
                .. BitConverter.GetBytes((short)utf8.Length), 0, 0,
            ];
            archive.Write([(byte)'P', (byte)'K', 3, 4, .. shared, .. utf8, .. bytes]);
            directory.Write(
                [(byte)'P', (byte)'K', 1, 2, 20, 0, .. shared, .. new byte[10], .. BitConverter.GetBytes(at), .. utf8]);
        }

        byte[] count = BitConverter.GetBytes((short)entries.Count);
        int begin = (int)archive.Position;
        archive.Write(directory.ToArray());
        archive.Write(
        [
            (byte)'P', (byte)'K', 5, 6, 0, 0, 0, 0, .. count, .. count,
            .. BitConverter.GetBytes((int)directory.Length), .. BitConverter.GetBytes(begin), 0, 0,
        ]);
        return archive.ToArray();
    }

    private static byte[] Bytes(float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}

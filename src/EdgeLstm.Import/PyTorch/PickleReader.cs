// Reads a pickle without executing anything: a stack machine whose opcodes push values, put them into containers and name them
// again (memo). Names of Python code stay names; calling one is only understood for the few that rebuild tensors.

using System.Buffers.Binary;
using System.Text;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;
using Op = EdgeLstm.Import.PyTorch.PickleOpcode;

namespace EdgeLstm.Import.PyTorch;

/// <summary>A pickle as torch.save writes it, read as if written by an enemy.</summary>
/// <remarks>
/// Each opcode takes at least one byte and makes at most one value, so memory and time are bounded by the length of the pickle,
/// and values used twice are shared, not copied. Limits: 64 MiB of pickle, <see cref="MaxValues"/> values; a pickle beyond them
/// is refused, as is every other opcode and every name that <see cref="PickleCalls"/> does not know.
/// Source: CPython, Lib/pickletools.py; PyTorch, torch/_weights_only_unpickler.py.
/// </remarks>
internal sealed class PickleReader
{
    public const int MaxBytes = 64 << 20;
    public const int MaxValues = 1_000_000;

    private const int MaxNameBytes = 256;

    private readonly SourceFile _file;
    private readonly string _item;
    private readonly int _begin;
    private readonly int _end;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly List<PickledStorage>? _storages;
    private readonly Dictionary<uint, object?> _memo = [];
    private int _at;
    private int _values;

    private PickleReader(SourceFile file, string item, int begin, int end, List<PickledStorage>? storages)
    {
        _file = file;
        _item = QuotedText.Of(item);
        (_begin, _at, _end) = (begin, begin, end);
        _storages = storages;
    }

    /// <summary>Reads one pickled value.</summary>
    /// <param name="file">The file.</param>
    /// <param name="item">What the pickle is called, for messages.</param>
    /// <param name="begin">Its first byte in the file.</param>
    /// <param name="end">The byte it may not pass.</param>
    /// <param name="next">The byte after its end.</param>
    /// <param name="storages">Receives every reference to a storage.</param>
    /// <exception cref="ModelFileException">It is broken, or holds more than weights and plain values.</exception>
    public static object? Read(
        SourceFile file, string item, int begin, int end, out int next, List<PickledStorage>? storages = null)
    {
        var reader = new PickleReader(file, item, begin, (int)Math.Min(end, (long)begin + MaxBytes), storages);
        object? value = reader.ReadToStop();
        next = reader._at;
        return value;
    }

    private object? ReadToStop()
    {
        while (true)
        {
            int at = _at;
            byte code = Take(1)[0];
            if (code == Op.Stop)
            {
                return Pop();
            }

            if (!ReadValue(code) && !ReadContainer(code) && !ReadReference(code))
            {
                throw Fault($"has opcode {Op.RefusedName(code)} at byte {at - _begin}, which no file of weights needs. "
                    + PickleCalls.Advice);
            }
        }
    }

    private bool ReadValue(byte code)
    {
        switch (code)
        {
            case Op.Proto:
                byte protocol = Take(1)[0];
                return protocol is >= 2 and <= 5
                    ? true
                    : throw Fault($"is of pickle protocol {protocol}; expected 2 to 5. {PickleCalls.Advice}");
            case Op.Frame:
                Take(8);
                return true;
            case Op.None:
                return Push(null);
            case Op.NewTrue:
                return Push(true);
            case Op.NewFalse:
                return Push(false);
            case Op.BinInt:
                return Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
            case Op.BinInt1:
                return Push((long)Take(1)[0]);
            case Op.BinInt2:
                return Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
            case Op.Long1:
                return Push(ReadLong());
            case Op.BinFloat:
                return Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
            case Op.BinUnicode:
                return Push(Encoding.UTF8.GetString(Take(ReadUInt32())));
            case Op.ShortBinUnicode:
                return Push(Encoding.UTF8.GetString(Take(Take(1)[0])));
            default:
                return false;
        }
    }

    private bool ReadContainer(byte code)
    {
        switch (code)
        {
            case Op.Mark:
                _marks.Add(_stack.Count);
                return true;
            case Op.EmptyDict:
                return Push(new PickleDict());
            case Op.EmptyList:
                return Push(new PickleList());
            case Op.EmptyTuple:
                return Push(new PickleTuple([]));
            case Op.Tuple:
                return Push(new PickleTuple(PopToMark()));
            case Op.Tuple1 or Op.Tuple2 or Op.Tuple3:
                return Push(new PickleTuple(PopLast(code - Op.Tuple1 + 1)));
            case Op.SetItem:
                AddEntries(PopLast(2));
                return true;
            case Op.SetItems:
                AddEntries(PopToMark());
                return true;
            case Op.Append:
                AddItems(PopLast(1));
                return true;
            case Op.Appends:
                AddItems(PopToMark());
                return true;
            default:
                return false;
        }
    }

    private bool ReadReference(byte code)
    {
        switch (code)
        {
            case Op.BinPut:
                _memo[Take(1)[0]] = Top();
                return true;
            case Op.LongBinPut:
                _memo[ReadUInt32()] = Top();
                return true;
            case Op.Memoize:
                _memo[(uint)_memo.Count] = Top();
                return true;
            case Op.BinGet:
                return Push(Recall(Take(1)[0]));
            case Op.LongBinGet:
                return Push(Recall(ReadUInt32()));
            case Op.Global:
                return Push(Known(new PickleSymbol(ReadLine(), ReadLine())));
            case Op.StackGlobal:
                object?[] names = PopLast(2);
                return names is [string module, string name]
                    ? Push(Known(new PickleSymbol(module, name)))
                    : throw Fault($"has a STACK_GLOBAL without names before byte {_at - _begin}; the file is damaged");
            case Op.BinPersId:
                return Push(ReadStorage());
            case Op.Reduce:
                object?[] call = PopLast(2);
                return Push(PickleCalls.Call(call[0], call[1]) ?? throw Fault(
                    $"calls {Shown(call[0])} with other arguments than it takes before byte {_at - _begin}. "
                        + $"{PickleCalls.Advice}"));
            case Op.Build:
                ReadAttributes(PopLast(1)[0]);
                return true;
            default:
                return false;
        }
    }

    private PickledStorage ReadStorage()
    {
        PickledStorage storage = PickleCalls.Storage(Pop())
            ?? throw Fault($"refers to something other than a storage before byte {_at - _begin}. {PickleCalls.Advice}");
        _storages?.Add(storage);
        return storage;
    }

    // Attributes of a dict (_metadata of a state_dict: the versions of its modules) say nothing that is needed.
    private void ReadAttributes(object? attributes)
    {
        if (Top() is not PickleDict || attributes is not PickleDict)
        {
            throw Fault($"sets attributes of something other than a dict before byte {_at - _begin}. {PickleCalls.Advice}");
        }
    }

    private PickleSymbol Known(PickleSymbol symbol) => PickleCalls.IsKnown(symbol)
        ? symbol
        : throw Fault($"holds '{QuotedText.Of(symbol.ToString())}', Python code that is not weights. {PickleCalls.Advice}");

    private object? Recall(uint index) => _memo.TryGetValue(index, out object? value)
        ? value
        : throw Fault($"refers to value {index} of its memo before byte {_at - _begin}, which was never stored; the file is "
            + $"damaged");

    private void AddEntries(object?[] entries)
    {
        if (Top() is not PickleDict dict || entries.Length % 2 != 0)
        {
            throw Fault($"adds entries to something other than a dict before byte {_at - _begin}; the file is damaged");
        }

        for (int k = 0; k < entries.Length; k += 2)
        {
            dict.Entries.Add(new(entries[k], entries[k + 1]));
        }
    }

    private void AddItems(object?[] items)
    {
        if (Top() is not PickleList list)
        {
            throw Fault($"adds items to something other than a list before byte {_at - _begin}; the file is damaged");
        }

        list.Items.AddRange(items);
    }

    private long ReadLong()
    {
        ReadOnlySpan<byte> bytes = Take(Take(1)[0]);
        if (bytes.Length > 8)
        {
            throw Fault($"has a whole number of {bytes.Length} bytes before byte {_at - _begin}; the limit is 8");
        }

        long value = bytes.Length > 0 && (bytes[^1] & 0x80) != 0 ? -1 : 0;
        for (int k = bytes.Length - 1; k >= 0; k--)
        {
            value = (value << 8) | bytes[k];
        }

        return value;
    }

    private uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    private string ReadLine()
    {
        ReadOnlySpan<byte> rest = _file.Bytes.AsSpan(_at, Math.Min(_end - _at, MaxNameBytes));
        int length = rest.IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Fault($"has a name at byte {_at - _begin} that does not end; the file is damaged");
        }

        _at += length + 1;
        return Encoding.UTF8.GetString(rest[..length]);
    }

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (count > (uint)(_end - _at))
        {
            throw Fault($"ends at byte {_end - _begin} in the midst of an opcode or before its STOP; the file is cut short, "
                + $"damaged, or beyond the limit of {MaxBytes} bytes");
        }

        ReadOnlySpan<byte> taken = _file.Bytes.AsSpan(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    private bool Push(object? value)
    {
        if (++_values > MaxValues)
        {
            throw Fault($"holds more than {MaxValues} values, the limit. {PickleCalls.Advice}");
        }

        _stack.Add(value);
        return true;
    }

    // What lies below the last MARK is out of reach until that mark is taken.
    private int Bottom => _marks.Count > 0 ? _marks[^1] : 0;

    private object? Top() => _stack.Count > Bottom ? _stack[^1] : throw Underflow();

    private object? Pop()
    {
        object? value = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] PopLast(int count)
    {
        if (_stack.Count - Bottom < count)
        {
            throw Underflow();
        }

        object?[] values = [.. _stack.GetRange(_stack.Count - count, count)];
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Underflow();
        }

        int count = _stack.Count - _marks[^1];
        object?[] values = PopLast(count);
        _marks.RemoveAt(_marks.Count - 1);
        return values;
    }

    private ModelFileException Underflow() =>
        Fault($"takes a value from an empty stack before byte {_at - _begin}; the file is damaged");

    private static string Shown(object? value) =>
        value is PickleSymbol symbol ? $"'{QuotedText.Of(symbol.ToString())}'" : "a value";

    private ModelFileException Fault(string fault) => _file.Refuse($"pickle '{_item}' {fault}");
}

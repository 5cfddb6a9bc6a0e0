// Pickles that want more than weights, or are broken.

using EdgeLstm.Core.Models;
using EdgeLstm.Import.PyTorch;

namespace EdgeLstm.Import.Tests.PyTorch;

public sealed class PickleReaderTests
{
    [Fact]
    public void Plain_values_are_read()
    {
        byte[] pickle = new PickleWriter().Op(PickleOpcode.EmptyList, PickleOpcode.Mark).Integer(-2).Text("é")
            .Op(PickleOpcode.BinInt1, 7, PickleOpcode.BinInt2, 1, 2, PickleOpcode.BinInt, 255, 255, 255, 255)
            .Op(PickleOpcode.BinFloat, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0).Op(PickleOpcode.NewTrue, PickleOpcode.None)
            .Op(PickleOpcode.Appends, PickleOpcode.Stop).Bytes;
        var list = Assert.IsType<PickleList>(Read(pickle));
        Assert.Equal([-2L, "é", 7L, 513L, -1L, 1.5, true, null], list.Items);
    }

    [Fact]
    public void A_value_that_is_named_again_is_shared_and_not_copied()
    {
        // A list of ten times the list before, thirty times over: 10^30 entries, were they copied.
        PickleWriter pickle = new PickleWriter().Op(PickleOpcode.EmptyList, PickleOpcode.BinPut, 0);
        for (byte level = 1; level <= 30; level++)
        {
            pickle.Op(PickleOpcode.EmptyList, PickleOpcode.BinPut, level, PickleOpcode.Mark);
            for (int k = 0; k < 10; k++)
            {
                pickle.Op(PickleOpcode.BinGet, (byte)(level - 1));
            }

            pickle.Op(PickleOpcode.Appends);
        }

        var list = Assert.IsType<PickleList>(Read(pickle.Op(PickleOpcode.Stop).Bytes));
        Assert.Same(list.Items[0], list.Items[9]);
    }

    [Theory]
    [InlineData(9_000, "modules; the limit is 64")]
    [InlineData(11_000, "more than 10000 tensors")]
    public void A_great_many_tensors_are_refused_at_once(int count, string fault)
    {
        PickleWriter pickle = new PickleWriter().Op(PickleOpcode.EmptyDict, PickleOpcode.Mark);
        pickle.Text("module.a").Tensor(WrittenTensor.Of("", 2), "0").Op(PickleOpcode.BinPut, 0);
        for (int k = 1; k < count; k++)
        {
            pickle.Text($"module.{k}.{new string('x', 100)}").Op(PickleOpcode.BinGet, 0);
        }

        byte[] bytes = pickle.Op(PickleOpcode.SetItems, PickleOpcode.Stop).Bytes;
        SourceFile file = TorchFileWriter.Zip(bytes, [WrittenTensor.Of("", 2)]);
        Assert.Contains(fault, Assert.Throws<ModelFileException>(() => TorchImporter.Read(file, ImportOptions.None)).Message);
    }

    [Fact]
    public void A_name_without_end_is_refused_at_once()
    {
        string name = string.Concat(Enumerable.Repeat("net.", 500_000));
        SourceFile file = TorchFileWriter.Zip(WrittenTensor.Of(name, 2));
        Assert.Contains("a name of 2000000 characters", Assert.Throws<ModelFileException>(
            () => TorchImporter.Read(file, ImportOptions.None)).Message);
    }

    [Fact]
    public void Dicts_that_hold_themselves_end_the_search()
    {
        byte[] pickle = new PickleWriter().Op(PickleOpcode.EmptyDict, PickleOpcode.BinPut, 0).Text("state_dict")
            .Op(PickleOpcode.BinGet, 0, PickleOpcode.SetItem, PickleOpcode.Stop).Bytes;
        var refusal = Assert.Throws<ModelFileException>(
            () => TorchImporter.Read(TorchFileWriter.Zip(pickle, []), ImportOptions.None));
        Assert.Contains("a dict without tensors (keys 'state_dict')", refusal.Message);
    }

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("__main__", "Net")]
    [InlineData("collections", "OrderedDict.fromkeys")]
    public void Code_is_refused_by_its_name(string module, string name)
    {
        byte[] pickle = new PickleWriter().Global(module, name).Text("x")
            .Op(PickleOpcode.Tuple1, PickleOpcode.Reduce, PickleOpcode.Stop).Bytes;
        Assert.Contains($"'{module}.{name}', Python code that is not weights. Nothing in a pickle is executed", Refusal(pickle));
    }

    [Fact]
    public void Known_names_are_not_called_with_other_arguments()
    {
        byte[] pickle = new PickleWriter().Global("torch._utils", "_rebuild_tensor_v2").Text("x")
            .Op(PickleOpcode.Tuple1, PickleOpcode.Reduce, PickleOpcode.Stop).Bytes;
        Assert.Contains("calls 'torch._utils._rebuild_tensor_v2' with other arguments", Refusal(pickle));
    }

    [Theory]
    [InlineData("80 02", "ends at byte 2")]
    [InlineData("80 02 2E", "empty stack")]
    [InlineData("80 02 28 2E", "empty stack")]
    [InlineData("80 02 4E 28 2E", "empty stack")]
    [InlineData("80 02 4E 86 2E", "empty stack")]
    [InlineData("80 02 74 2E", "empty stack")]
    [InlineData("80 02 68 05 2E", "value 5 of its memo")]
    [InlineData("80 02 58 FF FF FF FF 61", "ends at byte")]
    [InlineData("80 02 8A FF 01", "ends at byte")]
    [InlineData("80 02 8A 09 00 00 00 00 00 00 00 00 01 2E", "whole number of 9 bytes")]
    [InlineData("80 02 4E 4E 73 2E", "empty stack")]
    [InlineData("80 02 5D 4E 4E 73 2E", "something other than a dict")]
    [InlineData("80 02 7D 4E 61 2E", "something other than a list")]
    [InlineData("80 02 5D 7D 62 2E", "attributes of something other than a dict")]
    [InlineData("80 02 4E 51 2E", "something other than a storage")]
    [InlineData("80 02 63 61 61", "name at byte 3 that does not end")]
    [InlineData("80 02 4E 4E 93 2E", "STACK_GLOBAL without names")]
    [InlineData("80 01 4E 2E", "protocol 1")]
    [InlineData("80 02 29 81 2E", "opcode NEWOBJ at byte 3")]
    public void Broken_pickles_are_refused(string hex, string fault) =>
        Assert.Contains(fault, Refusal(Convert.FromHexString(hex.Replace(" ", ""))));

    private static string Refusal(byte[] pickle) => Assert.Throws<ModelFileException>(() => Read(pickle)).Message;

    private static object? Read(byte[] pickle) =>
        PickleReader.Read(new SourceFile("made.pkl", pickle), "data.pkl", 0, pickle.Length, out _);
}

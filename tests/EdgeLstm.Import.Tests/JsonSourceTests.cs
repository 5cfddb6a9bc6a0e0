// JSON of a stranger: faults are told with their place, and nothing but a refusal is thrown.

using System.Text;
using System.Text.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Tests;

public sealed class JsonSourceTests
{
    [Theory]
    [InlineData("{\"a\": 1,\n \"b\": NaN}", "line 2, byte 7")]
    [InlineData("", "line 1, byte 1")]
    [InlineData("{\"a\": [1, 2", "line 1")]
    [InlineData("{\"\\ud800\": 1}", "byte 2: the text has an escape that is half a character")]
    [InlineData("[\"\\ud800\"]", "half a character")]
    public void A_fault_is_told_with_its_place(string text, string expected)
    {
        ModelFileException fault = Assert.Throws<ModelFileException>(() => JsonSource.Open(File(text)));
        Assert.StartsWith("model.json: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused() =>
        Assert.Throws<ModelFileException>(() => JsonSource.Open(new SourceFile("m", [0x5B, 0x22, 0xFF, 0x22, 0x5D])));

    [Fact]
    public void Nesting_beyond_the_limit_is_refused_however_deep()
    {
        Assert.Throws<ModelFileException>(() => JsonSource.Open(File(new string('[', 1_000_000))));
        using JsonDocument deepest = JsonSource.Open(File(new string('[', 64) + new string(']', 64)));
        Assert.Equal(1, deepest.RootElement.GetArrayLength());
    }

    [Fact]
    public void A_byte_order_mark_is_skipped()
    {
        var file = new SourceFile("m", [0xEF, 0xBB, 0xBF, (byte)' ', (byte)'[', (byte)']']);
        Assert.True(JsonSource.Recognises(file.Bytes));
        using JsonDocument document = JsonSource.Open(file);
        Assert.Equal(JsonValueKind.Array, document.RootElement.ValueKind);
    }

    [Fact]
    public void A_whole_number_within_bounds_is_read_and_others_are_refused()
    {
        Assert.Equal(8, Whole("8"));
        Assert.Equal(8, Whole("8.0"));
        foreach (string wrong in new[] { "0", "8.5", "-1", "1e99", "null", "\"8\"", "[8]" })
        {
            Assert.Contains("expected a whole number from 1 to 9", Refusal(() => Whole(wrong)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nested_numbers_become_a_tensor_in_C_order()
    {
        SourceTensor tensor = Tensor("[[1, 2.5, -3e-1], [4, 5, 6]]");
        Assert.Equal([2, 3], tensor.Shape);
        Assert.Equal([1f, 2.5f, -0.3f, 4f, 5f, 6f], tensor.Values);
        Assert.Empty(Tensor("7").Shape);
        Assert.Equal([0], Tensor("[]").Shape);
    }

    [Theory]
    [InlineData("[[1, 2], [3]]", "'w' is ragged: entry [1] is an array of 1; expected an array of 2")]
    [InlineData("[[1, 2], 3]", "ragged: entry [1] is a number; expected an array of 2")]
    [InlineData("[1, \"x\"]", "entry [1] is \"x\"; expected a number")]
    [InlineData("[1, null]", "entry [1] is null; expected a number")]
    [InlineData("[1, 1e39]", "entry [1] is 1e39; expected a number within float32")]
    [InlineData("[1, 1e999]", "entry [1] is 1e999; expected a number within float32")]
    [InlineData("[1, [2]]", "entry [1] is an array of 1; expected a number")]
    [InlineData("{}", "it is an object; expected a number")]
    [InlineData("[[[[[[[[[1]]]]]]]]]", "has more than 8 axes")]
    public void A_tensor_that_is_none_is_refused_with_the_entry(string text, string expected) =>
        Assert.Contains(expected, Refusal(() => Tensor(text)), StringComparison.Ordinal);

    [Fact]
    public void Rows_that_promise_more_than_the_text_holds_allocate_no_more_than_it_justifies()
    {
        // Each first row is the longest: [1000, 1000, 1, …] would be a million numbers.
        string row = "[" + string.Join(',', Enumerable.Repeat("1", 1000)) + "]";
        string text = "[" + row + string.Concat(Enumerable.Repeat(",[]", 999)) + "]";
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refusal(() => Tensor(text));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    private static SourceTensor Tensor(string text)
    {
        SourceFile file = File(text);
        using JsonDocument document = JsonSource.Open(file);
        return JsonTensor.Read(file, "w", document.RootElement);
    }

    private static int Whole(string text)
    {
        SourceFile file = File(text);
        using JsonDocument document = JsonSource.Open(file);
        return JsonSource.Whole(file, "size", document.RootElement, 1, 9);
    }

    private static string Refusal(Func<object> read) => Assert.Throws<ModelFileException>(() => { read(); }).Message;

    private static SourceFile File(string text) => new("model.json", Encoding.UTF8.GetBytes(text));
}

// The safetensors reader against files that break one rule each, and the shared hostile ones.

using System.Buffers.Binary;
using EdgeLstm.Core.Models;
using static EdgeLstm.Core.Tests.Models.RawSafetensors;

namespace EdgeLstm.Core.Tests.Models;

public class SafetensorsFileTests
{
    private const string Good = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

    [Fact]
    public void A_file_that_keeps_every_rule_is_read()
    {
        SafetensorsFile file = SafetensorsFile.Parse("x", Bytes(Good + "  ", [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]));
        Assert.Equal([1f, -2f], file.Take("a", "[n]", 2));
        file.RequireAllTaken();
    }

    [Theory]
    [InlineData("", "has 8 bytes; a safetensors file has at least 10")]
    [InlineData("[]", "does not start with '{'")]
    [InlineData(" {}", "does not start with '{'")]
    [InlineData("{}}", "not valid JSON")]
    [InlineData("{\"a\":", "not valid JSON")]
    [InlineData("{}x", "not valid JSON")]
    [InlineData("{\"\\ud800\":1}", "not valid JSON")]
    [InlineData("{\"a\":1}", "tensor 'a' must be an object")]
    [InlineData("{\"a\":{}}", "tensor 'a' needs dtype, shape and two data_offsets")]
    [InlineData("{\"a\":{\"dtype\":1}}", "dtype must be a text")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", "key 'dtype' twice")]
    [InlineData("{\"a\":{\"shape\":[],\"shape\":[]}}", "key 'shape' twice")]
    [InlineData("{\"a\":{\"strides\":[]}}", "unknown key 'strides'")]
    [InlineData("{\"a\":{\"shape\":2}}", "shape must be an array")]
    [InlineData("{\"a\":{\"shape\":[[2]]}}", "shape must hold whole numbers")]
    [InlineData("{\"a\":{\"shape\":[-1]}}", "shape must hold whole numbers of 0 or more")]
    [InlineData("{\"a\":{\"shape\":[1.0]}}", "shape must hold whole numbers")]
    [InlineData("{\"a\":{\"shape\":[1e2]}}", "shape must hold whole numbers")]
    [InlineData("{\"a\":{\"shape\":[9223372036854775808]}}", "shape must hold whole numbers")]
    [InlineData("{\"a\":{\"shape\":[1,1,1,1,1,1,1,1,1]}}", "more than 8 numbers")]
    [InlineData("{\"a\":{\"data_offsets\":[0,1,2]}}", "more than 2 numbers")]
    [InlineData(
        "{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
        "data type 'I64'; expected I8, F16, BF16, F32 or F64")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "ends at byte 0, before its beginning at 8")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}", "ends at byte 12; the file has 8 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "takes 12 bytes; its offsets span 8")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}", "larger than any file")]
    [InlineData(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "bytes 0 to 4 before tensor 'a' belong to no tensor")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "4 bytes after the last tensor")]
    [InlineData("{\"__metadata__\":[]}", "'__metadata__' must be an object")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", "'__metadata__' twice")]
    [InlineData("{\"__metadata__\":{\"k\":1}}", "key 'k' must be a text")]
    [InlineData("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", "key 'k' twice")]
    public void Every_broken_rule_is_named(string header, string fault)
    {
        var refused = Assert.Throws<ModelFileException>(
            () => SafetensorsFile.Parse("x.safetensors", Bytes(header, header.Length == 0 ? [] : new byte[8])));
        Assert.StartsWith("x.safetensors: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_tensors_on_the_same_bytes_are_refused()
    {
        string header = "{" + Entry("a", "F32", "[2]", 0, 8) + "," + Entry("b", "F32", "[1]", 4, 8) + "}";
        AssertRefused(Bytes(header, new byte[8]), "tensor 'b' begins at byte 4, inside the tensor before it");
    }

    [Fact]
    public void A_tensor_named_twice_is_refused()
    {
        string header = "{" + Entry("a", "F32", "[1]", 0, 4) + "," + Entry("a", "F32", "[1]", 4, 8) + "}";
        AssertRefused(Bytes(header, new byte[8]), "names tensor 'a' twice");
    }

    [Fact]
    public void More_tensors_than_the_limit_are_refused()
    {
        string header = "{" + string.Join(",", Enumerable.Range(0, 10_001).Select(k => Entry($"t{k}", "F32", "[0]", 0, 0))) + "}";
        AssertRefused(Bytes(header), "more than 10000 tensors");
    }

    [Fact]
    public void A_header_longer_than_the_limit_is_refused()
    {
        byte[] header = new byte[(16 * 1024 * 1024) + 1];
        header.AsSpan().Fill((byte)' ');
        "{}"u8.CopyTo(header);
        AssertRefused(Bytes(header), "the limit is 16777216");
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(3UL)]
    public void A_header_longer_than_the_file_is_refused(ulong length)
    {
        byte[] file = Bytes("{}");
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        AssertRefused(file, $"says its header has {length} bytes, but only 2 follow");
    }

    [Fact]
    public void A_header_that_is_not_utf8_is_refused() =>
        AssertRefused(Bytes([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)'}']), "not valid UTF-8");

    [Fact]
    public void Names_from_the_file_cannot_steer_the_terminal_of_whoever_reads_the_message()
    {
        var refused = Assert.Throws<ModelFileException>(
            () => SafetensorsFile.Parse("x", Bytes("{\"\\u001b[2J" + new string('n', 500) + "\":1}")));
        Assert.DoesNotContain(refused.Message, char.IsControl);
        Assert.True(refused.Message.Length < 200);
    }

    [Fact]
    public void Empty_and_rank_0_tensors_are_read()
    {
        string header = "{" + Entry("none", "F32", "[3,0]", 0, 0) + "," + Entry("one", "F32", "[]", 0, 4) + "}";
        SafetensorsFile file = SafetensorsFile.Parse("x", Bytes(header, [0, 0, 0, 0x40]));
        Assert.Empty(file.Take("none", "[n, m]", 3, 0));
        Assert.Equal([2f], file.Take("one", "[]"));
    }

    [Theory]
    [InlineData("F16", new byte[] { 0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00 }, new[] { 1f, -2f, 5.9604645e-8f })]
    [InlineData("BF16", new byte[] { 0x80, 0x3f, 0x00, 0xc0, 0x49, 0x40 }, new[] { 1f, -2f, 3.140625f })]
    [InlineData(
        "F64", new byte[] { 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f }, new[] { 1f, 0.1f })]
    public void Other_number_formats_become_float32(string dtype, byte[] stored, float[] expected)
    {
        string header = "{" + Entry("a", dtype, $"[{expected.Length}]", 0, stored.Length) + "}";
        Assert.Equal(expected, SafetensorsFile.Parse("x", Bytes(header, stored)).Take("a", "[n]", expected.Length));
    }

    [Theory]
    [InlineData("F16", new byte[] { 0x00, 0x7c }, "Infinity")]
    [InlineData("BF16", new byte[] { 0xc0, 0x7f }, "NaN")]
    [InlineData("F32", new byte[] { 0, 0, 0x80, 0xff }, "-Infinity")]
    [InlineData("F64", new byte[] { 0, 0, 0, 0, 0, 0, 0xf0, 0x7e }, "Infinity")]
    public void Values_that_are_not_finite_in_float32_are_refused(string dtype, byte[] stored, string shown)
    {
        string header = "{" + Entry("a", dtype, "[1]", 0, stored.Length) + "}";
        SafetensorsFile file = SafetensorsFile.Parse("x", Bytes(header, stored));
        var refused = Assert.Throws<ModelFileException>(() => file.Take("a", "[n]", 1));
        Assert.Equal($"x: tensor 'a' has the value {shown} at index 0; every value must be a finite float32.", refused.Message);
        Assert.Throws<ModelFileException>(() => file.TryGet("a", out _, out _));
    }

    [Fact]
    public void Missing_tensors_and_wrong_shapes_say_what_was_expected()
    {
        SafetensorsFile file = SafetensorsFile.Parse("x", Bytes(Good, new byte[8]));
        Assert.Equal(
            "x: tensor 'b' is missing; expected [H] = [4].",
            Assert.Throws<ModelFileException>(() => file.Take("b", "[H]", 4)).Message);
        Assert.Equal(
            "x: tensor 'a' has shape [2]; expected [H, I] = [1, 2].",
            Assert.Throws<ModelFileException>(() => file.Take("a", "[H, I]", 1, 2)).Message);
        Assert.False(file.TryGet("b", out _, out _));
    }

    [Fact]
    public void A_tensor_nobody_took_is_an_error()
    {
        SafetensorsFile file = SafetensorsFile.Parse("x", Bytes(Good, new byte[8]));
        Assert.Contains("'a'", Assert.Throws<ModelFileException>(file.RequireAllTaken).Message, StringComparison.Ordinal);
        Assert.True(file.TryGet("a", out TensorInfo? info, out float[] values));
        Assert.Equal(values.Length, info!.Count);
        file.RequireAllTaken();
    }

    [Fact]
    public void What_is_no_file_is_refused_with_its_path()
    {
        string folder = Path.GetTempPath();
        foreach (string path in new[] { Path.Combine(folder, "there-is-no-such.safetensors"), folder, "", "/dev/zero" })
        {
            var refused = Assert.Throws<ModelFileException>(() => SafetensorsFile.Open(path));
            Assert.StartsWith(path + ": ", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_larger_than_the_limit_is_refused_without_reading_it()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream sparse = File.OpenWrite(path))
            {
                sparse.SetLength(SafetensorsFile.MaxFileBytes + 1);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            var refused = Assert.Throws<ModelFileException>(() => SafetensorsFile.Open(path));
            Assert.Contains("the limit is 1073741824", refused.Message, StringComparison.Ordinal);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [SkippableTheory]
    [InlineData("st_alias", "inside the tensor before it")]
    [InlineData("st_bad_dtype", "'Q99'")]
    [InlineData("st_deep_json", "tensor 'a' must be an object")]
    [InlineData("st_dup_key", "tensor 'a' twice")]
    [InlineData("st_empty", "has 0 bytes")]
    [InlineData("st_float_offset", "whole numbers")]
    [InlineData("st_header_huge", "header has 9223372036854775808 bytes")]
    [InlineData("st_header_past_eof", "header has 5000 bytes")]
    [InlineData("st_leading_space", "does not start with '{'")]
    [InlineData("st_nan_weights", "has no manifest")]
    [InlineData("st_negative", "whole numbers of 0 or more")]
    [InlineData("st_not_utf8", "not valid UTF-8")]
    [InlineData("st_overflow", "larger than any file")]
    [InlineData("st_overlap", "inside the tensor before it")]
    [InlineData("st_reversed", "before its beginning")]
    [InlineData("st_trailing", "bytes after the last tensor")]
    public void Hostile_files_are_refused_in_bounded_memory(string name, string fault)
    {
        string path = Path.Combine(RepositoryFolders.Shared, "fixtures", "gen", "bad", name + ".safetensors");
        Skip.IfNot(File.Exists(path), $"{path} is not there");
        long before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<ModelFileException>(() => ModelFile.Load(path));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
        Assert.StartsWith(path + ": ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Weights_that_are_not_numbers_are_refused_by_tensor()
    {
        string path = Path.Combine(RepositoryFolders.Shared, "fixtures", "gen", "bad", "st_nan_weights.safetensors");
        Skip.IfNot(File.Exists(path), $"{path} is not there");
        SafetensorsFile file = SafetensorsFile.Open(path);
        var refused = Assert.Throws<ModelFileException>(() => file.Take("lstm.weight_ih_l0", "[4·H, I]", 4, 1));
        Assert.Contains("'lstm.weight_ih_l0' has the value NaN at index 0", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void No_hostile_fixture_is_forgotten()
    {
        string folder = Path.Combine(RepositoryFolders.Shared, "fixtures", "gen", "bad");
        Skip.IfNot(Directory.Exists(folder), $"{folder} is not there");
        string[] files = Directory.GetFiles(folder, "st_*.safetensors");
        Assert.NotEmpty(files);
        Assert.All(files, path => Assert.Throws<ModelFileException>(() => ModelFile.Load(path)));
    }

    [SkippableFact]
    public void Files_written_by_the_python_library_are_read()
    {
        string path = Path.Combine(RepositoryFolders.Shared, "fixtures", "gen", "torch", "lstm_1.safetensors");
        Skip.IfNot(File.Exists(path), $"{path} is not there");
        SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(64 * 5, file.Take("weight_ih_l0", "[4·H, I]", 64, 5).Length);
        Assert.Equal("pt", file.Metadata["format"]);
    }

    private static void AssertRefused(byte[] file, string fault)
    {
        var refused = Assert.Throws<ModelFileException>(() => SafetensorsFile.Parse("x", file));
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }
}

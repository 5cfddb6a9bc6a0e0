// What the writer writes, the reader reads; the writer refuses what no reader could.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Tests.Models;

public class SafetensorsWriterTests
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    [Fact]
    public void Tensors_and_texts_survive_writing_and_reading()
    {
        var metadata = new Dictionary<string, string> { ["note"] = "20 °C, \"quoted\"\n" };
        Tensor[] tensors = [new("b", [2, 3], [1, 2, 3, 4, 5, -6.5f]), new("empty", [0], []), new("a", [], [0.1f])];
        SafetensorsFile file = SafetensorsFile.Parse("x", SafetensorsWriter.Write(metadata, tensors));
        Assert.Equal(metadata, file.Metadata);
        Assert.Equal(3, file.Tensors.Count);
        Assert.All(tensors, t => Assert.Equal(t.Values, file.Take(t.Name, "[any]", [.. t.Shape])));
    }

    [Fact]
    public void Bfloat16_is_written_rounded_to_the_nearest_and_ties_to_even()
    {
        // 1 + 2^-8 lies half way between two bfloat16 numbers, as does 1 + 3 · 2^-8.
        float[] values = [1, 1 + (1 / 256f), 1 + (3 / 256f), -1 - (1.1f / 256), float.Epsilon, -0f, 3.3e38f];
        byte[] bytes = SafetensorsWriter.Write(NoMetadata, [new Tensor("a", [7], values, TensorType.BF16)]);
        SafetensorsFile file = SafetensorsFile.Parse("x", bytes);
        Assert.Equal(TensorType.BF16, file.Tensors["a"].Type);
        Assert.Equal(14, file.Tensors["a"].EndByte);
        float[] read = file.Take("a", "[n]", 7);
        Assert.Equal([1, 1, 1 + (4 / 256f), -1 - (2 / 256f), 0, -0f], read[..6]);
        Assert.Equal(3.3e38f, read[6], 3.3e38f / 256);
    }

    [Fact]
    public void I8_is_written_as_it_is_and_only_from_whole_numbers_that_fit()
    {
        byte[] bytes = SafetensorsWriter.Write(NoMetadata, [new Tensor("a", [4], [-127, -1, 0, 127], TensorType.I8)]);
        Assert.Equal([0x81, 0xff, 0, 0x7f], bytes[^4..]);
        Assert.All(
            new[] { -128f, 128, 0.5f, float.NaN },
            value => Assert.Throws<ArgumentException>(
                () => SafetensorsWriter.Write(NoMetadata, [new Tensor("a", [1], [value], TensorType.I8)])));
    }

    [Fact]
    public void Formats_that_are_only_read_are_a_programmer_error() =>
        Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(NoMetadata, [new Tensor("a", [1], [1], TensorType.F16)]));

    [Fact]
    public void The_data_begins_at_a_multiple_of_8_bytes()
    {
        for (int length = 1; length <= 9; length++)
        {
            byte[] file = SafetensorsWriter.Write(NoMetadata, [new Tensor(new string('n', length), [1], [1])]);
            Assert.Equal(0, (file.Length - sizeof(float)) % 8);
        }
    }

    [Fact]
    public void A_file_without_tensors_is_a_file() =>
        Assert.Empty(SafetensorsFile.Parse("x", SafetensorsWriter.Write(NoMetadata, [])).Tensors);

    [Fact]
    public void A_name_given_twice_or_a_shape_that_does_not_fit_is_a_programmer_error()
    {
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(NoMetadata, [new("a", [1], [1]), new("a", [1], [1])]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(NoMetadata, [new("a", [2], [1])]));
    }
}

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

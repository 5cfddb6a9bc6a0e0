// A tensor that stands in JSON as nested arrays of numbers:  [[0.1, 0.2], [0.3, 0.4]]  is of shape [2, 2].

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import;

/// <summary>Reads nested arrays of numbers.</summary>
/// <remarks>
/// Memory: four bytes for each number of the text. The shape is that of the first rows; it is allocated only where the text has
/// room for so many numbers, and every row must have it.
/// </remarks>
internal static class JsonTensor
{
    /// <summary>Most axes of a tensor.</summary>
    public const int MaxAxes = 8;

    /// <summary>Reads a tensor.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="name">Its name, for messages: <c>layer 0 'lstm', weights[1]</c>.</param>
    /// <param name="element">Nested arrays, or one number.</param>
    /// <exception cref="ModelFileException">
    /// Rows of different length, values that are no numbers or beyond float32, or more than <see cref="MaxAxes"/> axes.
    /// </exception>
    public static SourceTensor Read(SourceFile file, string name, JsonElement element)
    {
        int[] shape = ShapeOf(file, name, element);
        long count = 1;
        foreach (int size in shape)
        {
            // Every number takes a digit and all but one a comma: what the text cannot hold is ragged, and found below.
            count = Math.Min(count * size, file.Bytes.Length + 1L);
        }

        var reader = new Rows(file, name, shape, new List<float>((int)Math.Min(count, (file.Bytes.Length / 2) + 1)));
        reader.Read(element, 0, "");
        return new SourceTensor(name, shape, [.. reader.Values]);
    }

    private static int[] ShapeOf(SourceFile file, string name, JsonElement element)
    {
        List<int> shape = [];
        while (element.ValueKind == JsonValueKind.Array)
        {
            if (shape.Count == MaxAxes)
            {
                throw file.Refuse($"{Shown(name)} has more than {MaxAxes} axes");
            }

            int size = element.GetArrayLength();
            shape.Add(size);
            if (size == 0)
            {
                break;
            }

            element = element[0];
        }

        return [.. shape];
    }

    private static string Shown(string name) => $"'{QuotedText.Of(name)}'";

    private sealed record Rows(SourceFile File, string Name, int[] Shape, List<float> Values)
    {
        // As deep as the shape has axes, at most MaxAxes.
        public void Read(JsonElement element, int axis, string place)
        {
            if (axis == Shape.Length)
            {
                Values.Add(Number(element, place));
                return;
            }

            if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() != Shape[axis])
            {
                throw File.Refuse($"{Shown(Name)} is ragged: {Entry(place)} is {JsonSource.Kind(element)}; "
                    + $"expected an array of {Shape[axis]}, as its first one is");
            }

            int index = 0;
            bool isLast = axis == Shape.Length - 1;
            foreach (JsonElement entry in element.EnumerateArray())
            {
                // The place of a number is put together only for a message.
                if (isLast && entry.ValueKind == JsonValueKind.Number)
                {
                    Values.Add(Single(entry, place, index));
                }
                else
                {
                    Read(entry, axis + 1, $"{place}[{index}]");
                }

                index++;
            }
        }

        private float Number(JsonElement entry, string place) => entry.ValueKind == JsonValueKind.Number
            ? Single(entry, place, -1)
            : throw File.Refuse($"{Shown(Name)}: {Entry(place)} is {JsonSource.Shown(entry)}; expected a number");

        private float Single(JsonElement entry, string place, int index)
        {
            if (entry.TryGetDouble(out double value) && double.IsFinite(value) && Math.Abs(value) <= float.MaxValue)
            {
                return (float)value;
            }

            string at = index < 0 ? place : $"{place}[{index}]";
            throw File.Refuse(
                $"{Shown(Name)}: {Entry(at)} is {JsonSource.Shown(entry)}; expected a number within float32");
        }

        private static string Entry(string place) => place.Length == 0 ? "it" : $"entry {place}";
    }
}

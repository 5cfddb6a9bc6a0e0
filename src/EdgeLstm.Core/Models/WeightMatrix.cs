// Takes a weight matrix of a recurrent layer: real numbers, BF16, or I8 with one scale per row,  w = q · scale[row].

using EdgeLstm.Core.Kernels.Int8;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>Reads matrices that a model may store narrow, as the precision of its manifest says.</summary>
/// <remarks>
/// Narrow weights become float32 and are packed from there. BF16 is exact. Of I8 the integers come back the same where the
/// greatest of each row is ±127, as this program writes them. In a row of another tool that stays below, a weight moves by at
/// most half a step of the new, finer scale; the golden vectors tell what that does to the outputs.
/// </remarks>
internal static class WeightMatrix
{
    /// <summary>What is added to the name of an I8 tensor to name its scales.</summary>
    public const string ScaleSuffix = "_scale";

    /// <summary>Takes a matrix as float32, row by row.</summary>
    /// <param name="file">The file that holds it.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="stored">How it must be stored; float32 stands for any format of real numbers.</param>
    /// <param name="rows">Number of rows, and what it stands for.</param>
    /// <param name="columns">Number of columns, and what it stands for.</param>
    /// <exception cref="ModelFileException">A tensor is missing, or is of another type, shape or range.</exception>
    public static float[] Take(
        SafetensorsFile file,
        string name,
        WeightPrecision stored,
        (string Name, int Count) rows,
        (string Name, int Count) columns)
    {
        RequireType(file, name, stored);
        float[] values = file.TakeUnscaled(name, $"[{rows.Name}, {columns.Name}]", rows.Count, columns.Count);
        string scaleName = name + ScaleSuffix;
        if (stored == WeightPrecision.Int8)
        {
            RequireRange(file, name, values);
            Scale(values, TakeScales(file, scaleName, rows), columns.Count);
        }
        else if (file.Tensors.ContainsKey(scaleName))
        {
            throw ModelFileException.In(
                file.Path, $"tensor '{scaleName}' is the scale of an I8 tensor; '{name}' is {file.Tensors[name].Type}.");
        }

        return values;
    }

    private static void RequireType(SafetensorsFile file, string name, WeightPrecision stored)
    {
        // A tensor that is missing is the next step's matter.
        if (!file.Tensors.TryGetValue(name, out TensorInfo? info))
        {
            return;
        }

        (bool fits, string expected) = stored switch
        {
            WeightPrecision.Int8 => (info.Type == TensorType.I8, nameof(TensorType.I8)),
            WeightPrecision.BFloat16 => (info.Type == TensorType.BF16, nameof(TensorType.BF16)),
            _ => (info.Type != TensorType.I8, TensorTypes.RealNames),
        };
        if (!fits)
        {
            throw ModelFileException.In(
                file.Path, $"tensor '{name}' is stored as {info.Type}; expected {expected}, "
                + $"as the precision in the manifest is {PrecisionNames.Of(stored)}.");
        }
    }

    private static void RequireRange(SafetensorsFile file, string name, float[] values)
    {
        int wrong = Array.FindIndex(values, value => value < -Int8Rows.Greatest);
        if (wrong >= 0)
        {
            throw ModelFileException.In(
                file.Path, $"tensor '{name}' has the value {values[wrong]} at index {wrong}; "
                + $"I8 weights are from -{Int8Rows.Greatest} to {Int8Rows.Greatest}.");
        }
    }

    private static float[] TakeScales(SafetensorsFile file, string name, (string Name, int Count) rows)
    {
        float[] scales = file.Take(name, $"[{rows.Name}]", rows.Count);
        int wrong = Array.FindIndex(scales, scale => scale < 0 || !float.IsFinite(scale * Int8Rows.Greatest));
        if (wrong >= 0)
        {
            throw ModelFileException.In(file.Path, FormattableString.Invariant(
                $"tensor '{name}' has the value {scales[wrong]} at index {wrong}; a scale must be 0 or more, ")
                + $"and {Int8Rows.Greatest} times it a finite float32.");
        }

        return scales;
    }

    private static void Scale(float[] values, float[] scales, int columns)
    {
        for (int k = 0; k < values.Length; k++)
        {
            values[k] *= scales[k / columns];
        }
    }
}

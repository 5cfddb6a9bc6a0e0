// Cuts the arrays of an io.json into sequences:  x [T, I],  [T, B, I] or [B, T, I];  y with as many samples, or one for each
// sequence.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Trust;

/// <summary>One sequence and what the network should answer.</summary>
/// <param name="X">Samples [T][I].</param>
/// <param name="Y">Outputs [T][O] of each sample, or [1][O] of the last.</param>
/// <param name="States">Of each recurrent layer h, or h and c, before the first sample; null: the network's own
/// beginning.</param>
internal sealed record IoSequence(double[][] X, double[][] Y, IReadOnlyList<double[]>? States);

/// <summary>The arrays of one file cut in one order of axes.</summary>
/// <param name="Sequences">At least one, none empty.</param>
/// <param name="Order">The order of axes in words; empty where there is only one.</param>
/// <param name="Output">The key of the outputs.</param>
/// <param name="AnswersEach">Whether the file has an output for each sample.</param>
internal sealed record IoCut(IReadOnlyList<IoSequence> Sequences, string Order, string Output, bool AnswersEach)
{
    /// <summary>Length of the sequences, where they are several, equally long and with one output each.</summary>
    public int? WindowLength
    {
        get
        {
            int length = Sequences[0].X.Length;
            bool areWindows = Sequences.Count > 1 && !AnswersEach && Sequences.All(sequence => sequence.X.Length == length);
            return areWindows ? length : null;
        }
    }
}

/// <summary>Cuts a file.</summary>
/// <remarks>
/// Files often do not say which axis is time, nor do all follow the habit of their program, so there may be two ways to cut. The
/// likelier one comes first; <see cref="Replay"/> takes the one that fits.
/// </remarks>
internal static class IoCutter
{
    /// <summary>Every way the file can be read for this network, the likeliest first.</summary>
    /// <exception cref="ModelFileException">There is none; the message says which shapes were found and expected.</exception>
    public static IReadOnlyList<IoCut> Cut(IoFile file, ImportedModel model)
    {
        var cuts = new List<IoCut>();
        string? fault = null;
        foreach (bool isTimeFirst in Orders(file, model.Axes))
        {
            try
            {
                cuts.Add(Cut(file, model, isTimeFirst));
            }
            catch (ModelFileException found)
            {
                fault ??= found.Message;
            }
        }

        return cuts.Count > 0 ? cuts : throw new ModelFileException(fault!);
    }

    private static bool[] Orders(IoFile file, SampleAxes axes)
    {
        if (file.X.Shape.Length < 3)
        {
            return [true];
        }

        if (file.IsTimeFirst is { } said)
        {
            return [said];
        }

        bool isSingleBatch = file.X.Shape[0] == 1 && file.X.Shape[1] != 1;
        bool isTimeFirst = axes switch
        {
            SampleAxes.BatchFirst => false,
            SampleAxes.TimeFirst => true,
            _ => !isSingleBatch && !file.MayBeBatchFirst,
        };
        return [isTimeFirst, !isTimeFirst];
    }

    private static IoCut Cut(IoFile file, ImportedModel model, bool isTimeFirst)
    {
        (int time, int batch) = SizesOf(file, model.InputSize, isTimeFirst);
        IoTensor y = FindOutputs(file, model.OutputSize, time, batch);
        bool answersEach = y.Values.Length == (long)time * batch * model.OutputSize;
        var sequences = new List<IoSequence>(batch);
        for (int b = 0; b < batch; b++)
        {
            int length = LengthOf(file, b, batch, time);
            if (length == 0)
            {
                continue;
            }

            int Row(int t) => isTimeFirst ? (t * batch) + b : (b * time) + t;
            double[][] Rows(IoTensor tensor, int size) =>
                ArrayProjection.Of(length, t => tensor.Values[(Row(t) * size)..((Row(t) + 1) * size)]);
            int size = model.OutputSize;
            double[][] outputs = answersEach ? Rows(y, size) : [y.Values[(b * size)..((b + 1) * size)]];
            IReadOnlyList<double[]>? states = IoState.Of(file, model, b, batch);
            sequences.Add(new IoSequence(Rows(file.X, model.InputSize), outputs, states));
        }

        string order = file.X.Shape.Length < 3 ? "" : isTimeFirst ? "[time, batch, features]" : "[batch, time, features]";
        return sequences.Count > 0
            ? new IoCut(sequences, order, y.Name, answersEach)
            : throw ModelFileException.In(file.Path, "has sequences of no samples only");
    }

    private static (int Time, int Batch) SizesOf(IoFile file, int inputSize, bool isTimeFirst)
    {
        int[] shape = file.X.Shape;
        bool isVector = shape.Length == 1;
        bool fits = isVector ? inputSize == 1 || shape[0] == inputSize : shape.Length <= 3 && shape[^1] == inputSize;
        if (!fits)
        {
            throw ModelFileException.In(
                file.Path, $"'{file.X.Name}' has the shape {file.X.ShapeText}; the network reads {inputSize} values a sample: "
                + $"expected [time, {inputSize}] or [batch, time, {inputSize}]");
        }

        return shape.Length switch
        {
            1 => (inputSize == 1 ? shape[0] : 1, 1),
            2 => (shape[0], 1),
            _ => isTimeFirst ? (shape[0], shape[1]) : (shape[1], shape[0]),
        };
    }

    // An axis of ONNX directions is 1 here, so that counts and the last axis tell everything.
    private static IoTensor FindOutputs(IoFile file, int outputSize, int time, int batch)
    {
        foreach (IoTensor y in file.Outputs)
        {
            bool isOfOutputs = y.Shape[^1] == outputSize || (y.Shape.Length <= 2 && outputSize == 1);
            if (isOfOutputs
                && (y.Values.Length == (long)time * batch * outputSize || y.Values.Length == (long)batch * outputSize))
            {
                return y;
            }
        }

        string found = string.Join(", ", file.Outputs.Select(y => $"'{y.Name}' {y.ShapeText}"));
        throw ModelFileException.In(
            file.Path, $"has the outputs {found}; the network gives {outputSize} values: expected "
            + $"[{time}, {batch}, {outputSize}] or [{batch}, {outputSize}] for inputs '{file.X.Name}' {file.X.ShapeText}");
    }

    private static int LengthOf(IoFile file, int sequence, int batch, int time)
    {
        if (file.Lengths is not { } lengths)
        {
            return time;
        }

        if (lengths.Values.Length != batch)
        {
            throw ModelFileException.In(file.Path, $"'{lengths.Name}' has {lengths.Values.Length} entries; expected {batch}");
        }

        double length = lengths.Values[sequence];
        return length >= 0 && length <= time && length == Math.Floor(length)
            ? (int)length
            : throw ModelFileException.In(
                file.Path, FormattableString.Invariant($"'{lengths.Name}' has {length}; expected 0 to {time} samples"));
    }
}

// What edgelstm bench prints: the figures for a person, or as members of one JSON object.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Worker.Health;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Prints the figures of one measurement.</summary>
/// <remarks>Per step means per step of one stream: the time of one call divided by the streams it steps.</remarks>
internal static class BenchText
{
    public static void Write(TextWriter text, BenchNetwork measured, BenchFigures figures)
    {
        ISequenceModel network = measured.Network;
        (int streams, int? window) = (measured.Streams, measured.Model?.Manifest.Window);
        double ns = figures.NsPerCall / streams;
        string layers = measured.Layers == 1 ? "" : $", {measured.Layers} layers";
        string together = streams == 1 ? "" : $", {streams} streams";
        together += window is null ? "" : $", window of {window}";
        string kernel = measured.Width == VectorWidths.Best ? "" : $", kernel of {(int)measured.Width} bits";
        text.WriteLine(
            $"{measured.Cell} {network.InputSize} × {measured.HiddenSize}{layers}{together}, {Name(measured.Precision)}, "
            + $"{InstructionSet.Name}{kernel}");
        Line(text, figures.NsPerCall / streams, "0.0",
            $"ns per step (median of {figures.Rounds} rounds of {figures.CallsPerRound} calls)");
        Line(text, ns * figures.Gigahertz, "0", FormattableString.Invariant(
            $"cycles per step at {figures.Gigahertz:0.00} GHz (by a chain of additions)"));
        string call = streams == 1 ? "step" : $"call, which steps {streams} streams";
        Line(text, network.WeightBytes, "0", $"bytes of weights read per {call}");
        Line(text, network.WeightBytes / figures.NsPerCall, "0.0", "GB/s of weights");
        Line(text, figures.FloorNs, "0.0", FormattableString.Invariant(
            $"ns to read as many bytes once, {network.WeightBytes / figures.FloorNs:0.0} GB/s: the floor ")
            + $"({LoadFloor.LoadBits}-bit loads)");
        Line(text, figures.FloorRatio, "0.00", $"times the floor per {call}");
        if (ArithmeticNs(measured, figures) is double arithmetic)
        {
            Line(text, arithmetic, "0.0", "ns for the multiply-adds of a step alone: the floor of many streams together");
        }

        Line(text, figures.AllocatedBytesPerCall / streams, "0.###", "bytes allocated per step");
        if (measured.Deviation is { } deviation)
        {
            Line(text, deviation.MaxAbsolute, "0.0e+0",
                $"largest deviation from {measured.Model!.Path}, {deviation.Steps} golden steps");
        }
    }

    public static void WriteJson(Utf8JsonWriter writer, BenchNetwork measured, BenchFigures figures)
    {
        ISequenceModel network = measured.Network;
        double ns = figures.NsPerCall / measured.Streams;
        writer.WriteString("cell", measured.Cell);
        writer.WriteNumber("inputSize", network.InputSize);
        writer.WriteNumber("hiddenSize", measured.HiddenSize);
        writer.WriteNumber("layers", measured.Layers);
        writer.WriteString("precision", Name(measured.Precision));
        writer.WriteNumber("streams", measured.Streams);
        writer.WriteNumber("widthBits", (int)measured.Width);
        writer.WriteNumber("nsPerStep", ns);
        writer.WriteNumber("cyclesPerStep", ns * figures.Gigahertz);
        writer.WriteNumber("gigahertz", figures.Gigahertz);
        writer.WriteNumber("floorNs", figures.FloorNs);
        writer.WriteNumber("floorRatio", figures.FloorRatio);
        writer.WriteNumber("floorLoadBits", LoadFloor.LoadBits);
        if (ArithmeticNs(measured, figures) is double arithmetic)
        {
            writer.WriteNumber("arithmeticNs", arithmetic);
        }

        writer.WriteNumber("weightBytes", network.WeightBytes);
        writer.WriteNumber("gigabytesPerSecond", network.WeightBytes / figures.NsPerCall);
        writer.WriteNumber("allocatedBytesPerStep", figures.AllocatedBytesPerCall / measured.Streams);
        writer.WriteString("instructionSet", InstructionSet.Name);
        if (measured.Deviation is { } deviation)
        {
            writer.WriteString("model", measured.Model!.Path);
            if (measured.Model.Manifest.Window is int window)
            {
                writer.WriteNumber("window", window);
            }

            writer.WriteNumber("goldenSteps", deviation.Steps);
            writer.WriteNumber("maxAbsDeviation", deviation.MaxAbsolute);
        }
    }

    // One multiply-add for each weight that is held in floating point; 8-bit weights are multiplied by other instructions.
    private static double? ArithmeticNs(BenchNetwork measured, BenchFigures figures)
    {
        int weightBits = measured.Precision switch
        {
            WeightPrecision.Float32 => 32,
            WeightPrecision.BFloat16 => 16,
            _ => 0,
        };
        return weightBits == 0 || measured.Model is not null
            ? null
            : measured.Network.WeightBytes * 8.0 / weightBits / ((int)VectorWidths.Best / 32) * figures.MultiplyAddNs;
    }

    private static void Line(TextWriter text, double value, string format, string meaning) =>
        text.WriteLine($"  {value.ToString(format, CultureInfo.InvariantCulture),10} {meaning}");

    private static string Name(WeightPrecision precision) => precision.ToString().ToLowerInvariant();
}

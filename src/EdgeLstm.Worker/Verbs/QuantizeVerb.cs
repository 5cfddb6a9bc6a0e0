// edgelstm quantize MODEL --precision bfloat16|int8 --output FILE: the same model with narrow weights.

using System.CommandLine;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Writes a model file with narrow weights and says what it saves and what it costs on the golden vectors.</summary>
internal static class QuantizeVerb
{
    public static Command Command()
    {
        Argument<string> file =
            Verb.WithoutOptions(new Argument<string>("MODEL") { Description = "The float32 model (.safetensors)." });
        Option<string> precision = new("--precision") { Description = "bfloat16 or int8.", Required = true };
        precision.AcceptOnlyFromAmong(PrecisionNames.Of(WeightPrecision.BFloat16), PrecisionNames.Of(WeightPrecision.Int8));
        Option<string> output = new("--output", "-o") { Description = "The file to write.", Required = true };
        Option<bool> json = Verb.JsonOption();
        Command command = new("quantize", "Write a model again with bfloat16 or int8 weights.") { file, precision, output, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(file)!, parsed.GetValue(precision)!, parsed.GetValue(output)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string file, string name, string output, bool json)
    {
        try
        {
            WeightPrecision precision =
                name == PrecisionNames.Of(WeightPrecision.BFloat16) ? WeightPrecision.BFloat16 : WeightPrecision.Int8;
            QuantizedModel quantized = ModelQuantizer.Save(file, precision, output);
            if (json)
            {
                WriteJson(quantized);
            }
            else
            {
                Write(Console.Out, quantized);
            }

            return ExitCode.Done;
        }
        catch (ModelFileException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return ExitCode.InputRefused;
        }
    }

    private static void Write(TextWriter output, QuantizedModel quantized)
    {
        InspectText.WriteTable(output,
        [
            ["file", "precision", "bytes", "bytes of weights per step"],
            Row(quantized.Source),
            Row(quantized.Written),
        ]);
        GoldenDeviation loss = quantized.Loss;
        output.WriteLine(
            $"golden vectors: off the {PrecisionNames.Of(quantized.Source.Precision)} model by at most "
            + $"{InspectText.Number(loss.MaxScaled)} of max(1, |output|), standardised, in {loss.Steps} steps");
        output.WriteLine("What that means for forecasts: edgelstm evaluate CONFIG RECORDING");
    }

    private static string[] Row(Model model) =>
    [
        model.Path, PrecisionNames.Of(model.Precision), InspectText.Count(model.SizeBytes), InspectText.Count(WeightBytes(model)),
    ];

    private static long WeightBytes(Model model) => model.CreateNetwork(model.GoldenWidth).WeightBytes;

    private static void WriteJson(QuantizedModel quantized) => Verb.WriteJson(writer =>
    {
        writer.WriteString("model", quantized.Source.Path);
        writer.WriteString("output", quantized.Written.Path);
        writer.WriteString("precision", PrecisionNames.Of(quantized.Written.Precision));
        writer.WriteNumber("sizeBytesBefore", quantized.Source.SizeBytes);
        writer.WriteNumber("sizeBytes", quantized.Written.SizeBytes);
        writer.WriteNumber("weightBytesPerStepBefore", WeightBytes(quantized.Source));
        writer.WriteNumber("weightBytesPerStep", WeightBytes(quantized.Written));
        writer.WriteNumber("goldenMaxAbsChange", quantized.Loss.MaxAbsolute);
        writer.WriteNumber("goldenMaxScaledChange", quantized.Loss.MaxScaled);
        writer.WriteNumber("goldenMaxScaledDeviation", quantized.Written.GoldenDeviation.MaxScaled);
    });
}

// What a model is, beside its weights: task, period, channels, layers, outputs and where it comes from; JSON in the model file.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>What the outputs of a model are.</summary>
public enum ModelTask : byte
{
    /// <summary>Values of input channels in the future.</summary>
    Forecast,

    /// <summary>Quantities nobody measures, now.</summary>
    Regress,

    /// <summary>Probabilities of classes, now.</summary>
    Classify,
}

/// <summary>The manifest of a model file, format version 1.</summary>
/// <param name="FormatVersion">Always <see cref="CurrentFormatVersion"/>.</param>
/// <param name="Name">1 to 64 of a–z, 0–9 and '-'.</param>
/// <param name="Task">What the outputs are.</param>
/// <param name="SamplePeriodMs">The period the network was trained at.</param>
/// <param name="WarmUpSamples">
/// Samples the network must have seen before its outputs are trusted; of a windowed model at least <paramref name="Window"/>.
/// </param>
/// <param name="Inputs">The input channels, in the order the network reads them.</param>
/// <param name="Layers">The layers, from input to output.</param>
/// <param name="Outputs">The outputs, in the order the network writes them.</param>
/// <param name="Golden">How the golden vectors are compared.</param>
/// <param name="Provenance">What the model was made from, and with what.</param>
/// <param name="Window">
/// Of a network trained on windows from a zero state: their length T, 2 to 1024 samples; every output is then that of the latest
/// T samples from a zero state. None where the state is carried from sample to sample without end.
/// </param>
/// <param name="Description">Text for a person.</param>
/// <param name="Results">How well the model did on data it had not seen.</param>
/// <param name="Precision">How the weights of recurrent layers are stored and held; float32 where it is not said.</param>
public sealed record ModelManifest(
    int FormatVersion,
    string Name,
    ModelTask Task,
    double SamplePeriodMs,
    int WarmUpSamples,
    IReadOnlyList<InputManifest> Inputs,
    IReadOnlyList<LayerManifest> Layers,
    IReadOnlyList<OutputManifest> Outputs,
    GoldenManifest Golden,
    ProvenanceManifest Provenance,
    int? Window = null,
    string? Description = null,
    IReadOnlyList<ResultManifest>? Results = null,
    WeightPrecision? Precision = null)
{
    /// <summary>The version of the format that this program reads and writes.</summary>
    public const int CurrentFormatVersion = 1;

    /// <summary>Every broken rule with its path: <c>inputs[0].scale: must be finite and not 0; got 0</c>.</summary>
    public IReadOnlyList<string> FindProblems() => ManifestRules.FindProblems(this);

    /// <summary>Index of the input channel with this name, or −1.</summary>
    public int IndexOfInput(string? name)
    {
        for (int k = 0; k < Inputs.Count; k++)
        {
            if (Inputs[k].Name == name)
            {
                return k;
            }
        }

        return -1;
    }
}

/// <summary>How the golden vectors are compared.</summary>
/// <param name="Tolerance">Largest allowed |difference| / max(1, |expected|).</param>
public sealed record GoldenManifest(double Tolerance);

/// <summary>What a model was made from, and with what.</summary>
/// <param name="Source">The data or model file it comes from, with its license.</param>
/// <param name="Sha256">SHA-256 of that file, 64 hexadecimal digits.</param>
/// <param name="Tool">The program that made the model.</param>
/// <param name="Version">Its version.</param>
/// <param name="Date">The day, as yyyy-MM-dd.</param>
public sealed record ProvenanceManifest(string Source, string Sha256, string Tool, string Version, string Date);

/// <summary>How an error was averaged.</summary>
public enum ErrorMetric : byte
{
    /// <summary>Mean absolute error.</summary>
    Mae,

    /// <summary>Root of the mean squared error.</summary>
    Rmse,
}

/// <summary>The error of one output on data the model had not seen, beside two forecasts anyone can make.</summary>
/// <param name="Output">Name of the output.</param>
/// <param name="Horizon">Its horizon in sample periods.</param>
/// <param name="Metric">How the error was averaged.</param>
/// <param name="Unit">Unit of the three errors.</param>
/// <param name="Model">The model's error.</param>
/// <param name="Persistence">The error of repeating the last value.</param>
/// <param name="SeasonalNaive">The error of repeating the value one season ago.</param>
public sealed record ResultManifest(
    string Output, int Horizon, ErrorMetric Metric, string Unit, double Model, double Persistence, double SeasonalNaive);

// The rules of a manifest as a whole and of its input channels, golden check, provenance and results.

using System.Globalization;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Core.Models;

/// <summary>Checks a manifest and keeps every broken rule with its path.</summary>
/// <remarks>
/// Limits: 64 layers, 1024 channels, 1024 outputs, 4096 results, sizes of 4096, horizons of 100 000 periods, a million samples
/// of warm-up, kernels, dilations and windows of 1024 samples, 4 Mi values of state (of all windows together), periods from a
/// microsecond to a year.
/// </remarks>
internal sealed partial class ManifestRules
{
    private const int MaxChannels = 1024;
    private const int MaxResults = 4096;
    private const int MaxWarmUpSamples = 1_000_000;
    private const int MaxNameLength = 64;
    private const int MaxTextLength = 4096;
    private const double MinSamplePeriodMs = 0.001;
    private const double MaxSamplePeriodMs = 366.0 * 24 * 3600 * 1000;
    private const double MaxGoldenTolerance = 0.01;
    private const int Sha256Digits = 64;

    private readonly ModelManifest _manifest;
    private readonly List<string> _problems = [];

    private ManifestRules(ModelManifest manifest) => _manifest = manifest;

    public static IReadOnlyList<string> FindProblems(ModelManifest manifest)
    {
        var rules = new ManifestRules(manifest);
        rules.CheckHead();
        rules.CheckInputs();
        rules.CheckLayers();
        rules.CheckState();
        rules.CheckOutputs();
        rules.CheckProvenance();
        rules.CheckResults();
        return rules._problems;
    }

    private void CheckHead()
    {
        ModelManifest m = _manifest;
        Check(m.FormatVersion == ModelManifest.CurrentFormatVersion, "formatVersion", $"must be 1; got {m.FormatVersion}");
        Check(
            IsWord(m.Name, MaxNameLength, '-'), "name",
            $"must be 1 to {MaxNameLength} of a-z, 0-9 and '-'; got {Show(m.Name)}");
        Check(
            m.SamplePeriodMs is >= MinSamplePeriodMs and <= MaxSamplePeriodMs, "samplePeriodMs",
            $"must be from {Show(MinSamplePeriodMs)} to {Show(MaxSamplePeriodMs)}; got {Show(m.SamplePeriodMs)}");
        Check(
            m.WarmUpSamples is >= 0 and <= MaxWarmUpSamples, "warmUpSamples",
            $"must be from 0 to {MaxWarmUpSamples}; got {m.WarmUpSamples}");
        Check(
            m.Golden.Tolerance is > 0 and <= MaxGoldenTolerance, "golden.tolerance",
            $"must be above 0 and at most {Show(MaxGoldenTolerance)}; got {Show(m.Golden.Tolerance)}");
        if (m.Description is not null)
        {
            CheckText(m.Description, "description", MaxTextLength, mayBeEmpty: true);
        }
    }

    private void CheckInputs()
    {
        IReadOnlyList<InputManifest> inputs = _manifest.Inputs;
        CheckCount(inputs.Count, "inputs", MaxChannels);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int k = 0; k < inputs.Count; k++)
        {
            (InputManifest input, string path) = (inputs[k], $"inputs[{k}]");
            CheckName(input.Name, $"{path}.name");
            Check(names.Add(input.Name), $"{path}.name", $"{Show(input.Name)} already names another input");
            CheckText(input.Unit, $"{path}.unit", MaxNameLength);
            CheckScaling(input.Offset, input.Scale, path);
            CheckRange(input.Minimum, input.Maximum, path, "minimum", "maximum");
        }
    }

    private void CheckProvenance()
    {
        ProvenanceManifest provenance = _manifest.Provenance;
        CheckText(provenance.Source, "provenance.source", MaxTextLength);
        CheckText(provenance.Tool, "provenance.tool", MaxTextLength);
        CheckText(provenance.Version, "provenance.version", MaxNameLength);
        Check(
            provenance.Sha256.Length == Sha256Digits && provenance.Sha256.All(char.IsAsciiHexDigit), "provenance.sha256",
            $"must be {Sha256Digits} hexadecimal digits; got {Show(provenance.Sha256)}");
        Check(
            DateOnly.TryParseExact(provenance.Date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "provenance.date", $"must be a day as yyyy-MM-dd; got {Show(provenance.Date)}");
    }

    private void CheckResults()
    {
        IReadOnlyList<ResultManifest> results = _manifest.Results ?? [];
        Check(results.Count <= MaxResults, "results", $"must have at most {MaxResults} entries; got {results.Count}");
        for (int k = 0; k < results.Count; k++)
        {
            (ResultManifest result, string path) = (results[k], $"results[{k}]");
            Check(
                _manifest.Outputs.Any(o => o.Name == result.Output && o.Horizon == result.Horizon), $"{path}.output",
                $"must name an output with this horizon; got {Show(result.Output)} at horizon {result.Horizon}");
            CheckText(result.Unit, $"{path}.unit", MaxNameLength);
            CheckError(result.Model, $"{path}.model");
            CheckError(result.Persistence, $"{path}.persistence");
            CheckError(result.SeasonalNaive, $"{path}.seasonalNaive");
        }
    }

    private void CheckError(double error, string path) =>
        Check(IsSingle(error) && error >= 0, path, $"must be finite and at least 0; got {Show(error)}");

    private void CheckScaling(double offset, double scale, string path)
    {
        Check(IsSingle(offset), $"{path}.offset", $"must be finite; got {Show(offset)}");
        Check(IsSingle(scale) && (float)scale != 0, $"{path}.scale", $"must be finite and not 0; got {Show(scale)}");
    }

    private void CheckRange(double? minimum, double? maximum, string path, string minimumKey, string maximumKey)
    {
        Check(minimum is null || IsSingle(minimum.Value), $"{path}.{minimumKey}", $"must be finite; got {Show(minimum)}");
        Check(maximum is null || IsSingle(maximum.Value), $"{path}.{maximumKey}", $"must be finite; got {Show(maximum)}");
        Check(!(minimum >= maximum), $"{path}.{minimumKey}", $"must be below {maximumKey} {Show(maximum)}; got {Show(minimum)}");
    }

    private void CheckCount(int count, string path, int maximum) =>
        Check(count >= 1 && count <= maximum, path, $"must have 1 to {maximum} entries; got {count}");

    /// <summary>Names become topic levels and JSON keys: nothing that cuts a topic, nothing invisible at the ends.</summary>
    private void CheckName(string name, string path)
    {
        CheckText(name, path, MaxNameLength);
        Check(
            name == name.Trim() && name.AsSpan().IndexOfAny("/+#") < 0, path,
            $"must not contain '/', '+' or '#' nor begin or end with white space; got {Show(name)}");
    }

    private void CheckText(string text, string path, int maxLength, bool mayBeEmpty = false)
    {
        Check(
            text.Length <= maxLength && (mayBeEmpty || text.Length > 0), path,
            $"must have {(mayBeEmpty ? 0 : 1)} to {maxLength} characters; got {text.Length}");
        Check(!text.Any(char.IsControl), path, $"must not contain control characters; got {Show(text)}");
    }

    private void Check(bool holds, string path, string problem)
    {
        if (!holds)
        {
            _problems.Add($"{path}: {problem}");
        }
    }

    private static bool IsWord(string text, int maxLength, char mark) =>
        text.Length >= 1
        && text.Length <= maxLength
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == mark);

    /// <summary>The pipeline computes in float32: what is infinite there is not finite here.</summary>
    private static bool IsSingle(double value) => float.IsFinite((float)value);

    private static string Show(string text) => $"'{QuotedText.Of(text)}'";

    private static string Show(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "none";
}

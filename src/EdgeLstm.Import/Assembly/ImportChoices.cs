// What a person decides about a model that is imported, beside the weights: names, period, horizons, how the state is kept.

namespace EdgeLstm.Import.Assembly;

/// <summary>Choices of the command line; what is left out is taken from the file, or assumed with a warning.</summary>
/// <param name="Name">Name of the model; null: that of its file.</param>
/// <param name="InputNames">One for each input.</param>
/// <param name="OutputNames">One for each output that is no forecast.</param>
/// <param name="PeriodMs">The sample period the network was trained at.</param>
/// <param name="Horizons">What the outputs foretell; null: they are no forecasts.</param>
/// <param name="Targets">The inputs that are foretold.</param>
/// <param name="Window">Trained on windows of that many samples from a fresh state.</param>
/// <param name="IsStateful">Trained with its state carried on.</param>
/// <param name="WarmUpSamples">Samples before outputs are trusted; null: the window, else 50.</param>
public sealed record ImportChoices(
    string? Name = null,
    IReadOnlyList<string>? InputNames = null,
    IReadOnlyList<string>? OutputNames = null,
    double? PeriodMs = null,
    IReadOnlyList<Horizon>? Horizons = null,
    IReadOnlyList<string>? Targets = null,
    int? Window = null,
    bool IsStateful = false,
    int? WarmUpSamples = null);

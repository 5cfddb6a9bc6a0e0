// A recording made ready for training:  table + task + split → standardised inputs, standardised targets, weights.

using EdgeLstm.Core.Models;
using EdgeLstm.Training.Losses;

namespace EdgeLstm.Training.Data;

/// <summary>What a network is to learn from a recording, and how its numbers become physical values.</summary>
/// <remarks>
/// <para>No part knows what comes after it: scalers are fitted on the training rows alone; a target counts for a row only where
/// it lies in the same part and the same stretch as the row; features of time come from the row's own time; a missing reading
/// is replaced by the last one before it. What lies behind a border may be anything: nothing before it changes.</para>
/// <para>Rows keep their order. There is no way to shuffle them, nor to make a split that is not chronological.</para>
/// </remarks>
public sealed class ForecastProblem
{
    private readonly bool[] _measured;
    private readonly int[] _targetChannels;

    private ForecastProblem(
        SeriesTable table, ForecastTask task, ChronologicalSplit split, InputScaling inputs, TargetScaling targets)
    {
        (Table, Task, Split, Inputs, Outputs) = (table, task, split, inputs.Manifests, targets.Manifests);
        (_measured, _targetChannels) = (inputs.Measured, targets.Channels);
        Examples = new ExampleSet(
            Inputs.Count, targets.Count, inputs.Standardised, targets.Standardised, targets.Weights, table.Stretches);
    }

    /// <summary>The recording.</summary>
    public SeriesTable Table { get; }

    /// <summary>What is forecast from what.</summary>
    public ForecastTask Task { get; }

    /// <summary>The parts.</summary>
    public ChronologicalSplit Split { get; }

    /// <summary>Standardised rows. Targets: for each target channel one for each horizon. A weight is 0 where an input of the row
    /// or the target's row is missing, where a gap or the end of the row's part lies between them, and where a labelled anomaly
    /// does, unless those are learned.</summary>
    public ExampleSet Examples { get; }

    /// <summary>The channels, then features of time; least and greatest values are those of the training rows.</summary>
    public IReadOnlyList<InputManifest> Inputs { get; }

    /// <summary>The outputs by target, then horizon, then quantile; without residuals yet.</summary>
    public IReadOnlyList<OutputManifest> Outputs { get; }

    /// <summary>Makes a recording ready.</summary>
    /// <exception cref="ArgumentException">The message names what is wrong: a channel that does not exist, is constant or
    /// missing in the training rows; a horizon longer than a part; rules of the task.</exception>
    public static ForecastProblem Create(SeriesTable table, ForecastTask task, ChronologicalSplit split)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(split);
        TaskRules.Require(table, task, split);
        InputScaling inputs = InputScaling.Fit(table, task, split.Training);
        return new ForecastProblem(table, task, split, inputs, TargetScaling.Fit(table, task, split, inputs.Measured));
    }

    /// <summary>What each output is to learn: the pinball loss where the task has quantiles.</summary>
    /// <param name="pointLoss">The loss of an expected value.</param>
    /// <param name="parameter">Its parameter, such as δ of Huber, in standard deviations of the target.</param>
    public IReadOnlyList<OutputLoss> Losses(LossKind pointLoss, double parameter)
    {
        OutputLoss[] losses = new OutputLoss[Outputs.Count];
        int levels = Math.Max(1, Task.Quantiles.Count);
        for (int k = 0; k < losses.Length; k++)
        {
            losses[k] = Outputs[k].Quantile is { } quantile
                ? new OutputLoss(k / levels, LossKind.Pinball, quantile)
                : new OutputLoss(k / levels, pointLoss, parameter);
        }

        return losses;
    }

    /// <summary>Forecasts of a network whose state is carried from row to row, in order of time.</summary>
    /// <param name="network">A network with as many inputs and outputs.</param>
    /// <param name="rows">Rows at which forecasts are made.</param>
    /// <param name="lead">Rows before, from which the state is carried.</param>
    /// <returns>Physical values [rows, outputs]; NaN at rows with a missing input and where fewer than <paramref name="lead"/>
    /// rows without a gap lie before.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit.</exception>
    public float[] Forecast(TrainingNetwork<float> network, RowRange rows, int lead)
    {
        RequireFit(network, rows);
        ArgumentOutOfRangeException.ThrowIfNegative(lead);
        return ToPhysical(NetworkSweep.Carried(network, Examples, rows, lead), rows);
    }

    /// <summary>Forecasts of a network that reads a window of rows from a zero state for each forecast.</summary>
    /// <param name="network">A network with as many inputs and outputs.</param>
    /// <param name="rows">Rows at which forecasts are made: the last of each window.</param>
    /// <param name="window">Rows of a window.</param>
    /// <returns>Physical values [rows, outputs]; NaN at rows with a missing input and where the window would reach over a
    /// gap.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit.</exception>
    public float[] ForecastWindows(TrainingNetwork<float> network, RowRange rows, int window)
    {
        RequireFit(network, rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        return ToPhysical(NetworkSweep.Windows(network, Examples, rows, window), rows);
    }

    private void RequireFit(TrainingNetwork<float> network, RowRange rows)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.InputSize != Inputs.Count || network.OutputSize != Outputs.Count)
        {
            throw new ArgumentException($"the network has {network.InputSize} inputs and {network.OutputSize} outputs; expected "
                + $"{Inputs.Count} and {Outputs.Count}", nameof(network));
        }

        if (rows.Begin < 0 || rows.End > Table.Rows || rows.Count < 0)
        {
            throw new ArgumentException($"rows {rows.Begin} to {rows.End} are not in 0 to {Table.Rows}", nameof(rows));
        }
    }

    // In place.
    private float[] ToPhysical(float[] raw, RowRange rows)
    {
        int outputsOfTarget = Outputs.Count / _targetChannels.Length;
        for (int i = 0; i < raw.Length; i++)
        {
            (int row, int output) = (rows.Begin + (i / Outputs.Count), i % Outputs.Count);
            raw[i] = _measured[row]
                ? Outputs[output].ToPhysical(raw[i], Table[row, _targetChannels[output / outputsOfTarget]])
                : float.NaN;
        }

        return raw;
    }
}

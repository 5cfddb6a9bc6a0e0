// Gates computed beside the kernels agree with them:  what they give is the state that the kernel reached.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Forecasts;

namespace EdgeLstm.Worker.Tests.Evaluation.Forecasts;

public class GateStatisticsTests
{
    private static readonly float[] Values = [.. Enumerable.Range(0, 40).Select(row => 80 + (10 * MathF.Sin(row)))];

    [Fact]
    public void The_gates_of_a_gru_give_the_state_of_its_kernel()
    {
        (Model model, IReadOnlyList<GateActivity> gates, float[] before, float[] after) = AtLastRow("machine-temperature-gru");

        Assert.Equal(["reset", "update", "new"], gates.Select(gate => gate.Gate));
        for (int unit = 0; unit < after.Length; unit++)
        {
            double z = gates[1].Means[unit];
            Assert.Equal(((1 - z) * gates[2].Means[unit]) + (z * before[unit]), after[unit], 2e-6);
        }

        Assert.Equal("gru0", gates[0].Layer);
        Assert.Equal(32, model.Manifest.Layers[0].OutputSize);
    }

    [Fact]
    public void The_gates_of_an_lstm_give_the_state_of_its_kernel()
    {
        (_, IReadOnlyList<GateActivity> gates, float[] before, float[] after) = AtLastRow("ecg-lstm");

        Assert.Equal(["input", "forget", "cell", "output"], gates.Select(gate => gate.Gate));
        Assert.Equal([true, true, false, true], gates.Select(gate => gate.IsOpening));
        int units = after.Length / 2;
        for (int unit = 0; unit < units; unit++)
        {
            double c = (gates[1].Means[unit] * before[units + unit]) + (gates[0].Means[unit] * gates[2].Means[unit]);
            Assert.Equal(c, after[units + unit], 2e-5);
            Assert.Equal(gates[3].Means[unit] * Math.Tanh(c), after[unit], 2e-6);
        }
    }

    [Fact]
    public void Deviations_are_those_over_the_measured_rows()
    {
        Model model = Load("machine-temperature-gru");
        List<string> notes = [];

        IReadOnlyList<GateActivity> still = GateStatistics.Measure(model, Table(model), new RowRange(39, 40), notes);
        IReadOnlyList<GateActivity> moving = GateStatistics.Measure(model, Table(model), new RowRange(20, 40), notes);

        Assert.All(still, gate => Assert.InRange(gate.Spread, 0, 1e-6));
        Assert.All(moving, gate => Assert.InRange(gate.Spread, 1e-4, 1));
        Assert.All(moving, gate => Assert.Equal(20, gate.Rows));
        Assert.Empty(notes);
    }

    // The gates at the last row alone, and the state of the first layer before and after it.
    private static (Model Model, IReadOnlyList<GateActivity> Gates, float[] Before, float[] After) AtLastRow(string name)
    {
        Model model = Load(name);
        Layer layer = model.CreateNetwork(VectorWidths.Best).Layers[0];
        float[] y = new float[layer.OutputSize];
        (float[] before, float[] after) = (new float[layer.StateSize], new float[layer.StateSize]);
        foreach (float value in Values)
        {
            layer.ReadState(before);
            layer.Step([model.Manifest.Inputs[0].Standardize(value)], y);
        }

        layer.ReadState(after);
        int last = Values.Length - 1;
        return (model, GateStatistics.Measure(model, Table(model), new RowRange(last, last + 1), []), before, after);
    }

    private static Model Load(string name) =>
        ModelFile.Load(Path.Combine(RepositoryRoot.Path, "models", name + ".safetensors"));

    private static SeriesTable Table(Model model) => new(
        [model.Manifest.Inputs[0].Name], [model.Manifest.Inputs[0].Unit], model.Manifest.SamplePeriodMs, Values, null, null,
        [new RowRange(0, Values.Length)]);
}

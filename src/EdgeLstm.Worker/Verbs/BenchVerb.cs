// edgelstm bench: time and bytes of one step of a network of any size on this CPU.

using System.CommandLine;
using System.Diagnostics;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Worker.Health;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Measures the kernel alone: state carried, inputs varying, nothing else in the loop.</summary>
internal static class BenchVerb
{
    private const int Rounds = 15;
    private const double RoundSeconds = 0.05;
    private const int InputRows = 64;

    private sealed record Case(string Cell, int InputSize, int HiddenSize, int Layers);

    private sealed record Figures(double NsPerStep, long WeightBytes, double AllocatedBytesPerStep, long Steps);

    public static Command Command()
    {
        Option<string> cell = new("--cell") { Description = "lstm, gru or rnn.", DefaultValueFactory = _ => "lstm" };
        cell.AcceptOnlyFromAmong("lstm", "gru", "rnn");
        Option<int> input = Size("--input", "Input channels.", 5);
        Option<int> hidden = Size("--hidden", "Hidden units per layer.", 64);
        Option<int> layers = Size("--layers", "Recurrent layers.", 1);
        Option<bool> json = Verb.JsonOption();
        Command command = new("bench", "Measure one step: ns, bytes of weights, bytes allocated.") { cell, input, hidden, layers,
            json };
        command.SetAction(parsed => Run(
            new Case(parsed.GetValue(cell)!, parsed.GetValue(input), parsed.GetValue(hidden), parsed.GetValue(layers)),
            parsed.GetValue(json)));
        return command;
    }

    private static Option<int> Size(string name, string description, int value)
    {
        Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 4096)
            {
                result.AddError($"{name} must be 1 to 4096");
            }
        });
        return option;
    }

    private static int Run(Case what, bool json)
    {
        Figures figures = Measure(CreateNetwork(what));
        if (json)
        {
            WriteJson(what, figures);
        }
        else
        {
            Write(what, figures);
        }

        return ExitCode.Done;
    }

    private static Network CreateNetwork(Case what)
    {
        Random random = new(1);
        List<Layer> layers = [];
        for (int i = 0; i < what.Layers; i++)
        {
            layers.Add(CreateLayer(what.Cell, $"layer{i}", i == 0 ? what.InputSize : what.HiddenSize, what.HiddenSize, random));
        }

        return new Network(layers);
    }

    private static Layer CreateLayer(string cell, string name, int inputs, int hidden, Random random)
    {
        float[] Weights(int count) =>
            [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 2 / MathF.Sqrt(hidden))];
        int gates = cell switch { "lstm" => 4, "gru" => 3, _ => 1 };
        float[] w = Weights(gates * hidden * inputs);
        float[] r = Weights(gates * hidden * hidden);
        float[] b = Weights(gates * hidden);
        return cell switch
        {
            "lstm" => LstmLayer.Create(new LstmWeights(name, inputs, hidden, w, r, b), VectorWidths.Best),
            "gru" => GruLayer.Create(new GruWeights(name, inputs, hidden, w, r, b, Weights(hidden), GruReset.After),
                VectorWidths.Best),
            _ => RnnLayer.Create(new RnnWeights(name, inputs, hidden, w, r, b, Activation.Tanh), VectorWidths.Best),
        };
    }

    // The median of rounds, each long enough that reading the clock does not count.
    private static Figures Measure(Network network)
    {
        float[] inputs = new float[InputRows * network.InputSize];
        Random random = new(2);
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = (random.NextSingle() * 2) - 1;
        }

        float[] output = new float[network.OutputSize];
        long steps = 1024;
        while (Time(network, inputs, output, steps) < RoundSeconds)
        {
            steps *= 2;
        }

        double[] ns = new double[Rounds];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
        {
            ns[i] = Time(network, inputs, output, steps) * 1e9 / steps;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Array.Sort(ns);
        return new Figures(ns[Rounds / 2], network.WeightBytes, (double)allocated / (steps * Rounds), steps * Rounds);
    }

    private static double Time(Network network, float[] inputs, float[] output, long steps)
    {
        long started = Stopwatch.GetTimestamp();
        int row = 0;
        for (long i = 0; i < steps; i++)
        {
            network.Step(inputs.AsSpan(row * network.InputSize, network.InputSize), output);
            row = (row + 1) % InputRows;
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Write(Case what, Figures figures)
    {
        string size = $"{what.InputSize} × {what.HiddenSize}, {what.Layers} layer(s)";
        Console.WriteLine($"{what.Cell} {size}, float32, {InstructionSet.Name}");
        Console.WriteLine(FormattableString.Invariant(
            $"  {figures.NsPerStep,10:0.0} ns per step (median of {Rounds} rounds, {figures.Steps} steps)"));
        Console.WriteLine(FormattableString.Invariant($"  {figures.WeightBytes,10} bytes of weights read per step"));
        Console.WriteLine(FormattableString.Invariant($"  {figures.WeightBytes / figures.NsPerStep,10:0.0} GB/s of weights"));
        Console.WriteLine(FormattableString.Invariant($"  {figures.AllocatedBytesPerStep,10:0.###} bytes allocated per step"));
    }

    private static void WriteJson(Case what, Figures figures) => Verb.WriteJson(writer =>
    {
        writer.WriteString("cell", what.Cell);
        writer.WriteNumber("inputSize", what.InputSize);
        writer.WriteNumber("hiddenSize", what.HiddenSize);
        writer.WriteNumber("layers", what.Layers);
        writer.WriteNumber("nsPerStep", figures.NsPerStep);
        writer.WriteNumber("weightBytes", figures.WeightBytes);
        writer.WriteNumber("allocatedBytesPerStep", figures.AllocatedBytesPerStep);
        writer.WriteString("instructionSet", InstructionSet.Name);
    });
}

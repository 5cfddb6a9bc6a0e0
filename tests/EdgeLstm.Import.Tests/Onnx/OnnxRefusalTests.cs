// What cannot be streamed or is not understood is refused by the name of its node, with what to do.

using System.Diagnostics;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Onnx;
using Xunit.Abstractions;

namespace EdgeLstm.Import.Tests.Onnx;

public class OnnxRefusalTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Nodes => new()
    {
        { "GRU x W R - - - > z direction=reverse", "node 'gru1' (GRU): runs reverse" },
        { "GRU s W3 R > z", "node 'gru2' (GRU): reads only the last time step" },
        { "GRU q W3 R - - h > z", "initial_h 'h' is the state of another layer" },
        { "Add q q > z", "node 'add2' (Add): adds two signals: residual connections" },
        { "MatMul q q > z", "multiplies two signals: attention" },
        { "MatMul q M5 > z", "read 5 values; the signal has 3" },
        { "Gather x table > z swapped=1", "an embedding" },
        { "Attention q > z", "is attention, which sees the whole sequence" },
        { "QLinearMatMul q M > z", "node 'qlinearmatmul2' (QLinearMatMul): is quantised" },
        { "DynamicQuantizeLSTM x W R > z", "is quantised" },
        { "MaxPool q > z", "the operator MaxPool cannot be imported" },
        { "ReduceMean q > z axes=0", "an average over time sees the whole window" },
        { "Flatten q > z axis=0", "puts time and features" },
        { "Softmax q > z axis=0", "runs along axis 0" },
        { "Pow q two > z", "divides by the signal or raises it to a power" },
        { "Concat q q > z axis=2", "the operator Concat cannot be imported" },
        { "Mul q late > z", "the same at every time step" },
        { "Gather q zero > z axis=0", "of time only the last step" },
        { "Slice q zero two0 zero > z", "of time only the last step" },
        { "Add q nothing > z", "reads 'nothing', which nothing before it gives" },
    };

    [Theory]
    [MemberData(nameof(Nodes))]
    public void Nodes_are_refused_by_name(string node, string fault)
    {
        // q [time, 1, 3] after a GRU, s its last step, h its last state.
        OnnxBuilder builder = new OnnxBuilder().Input("x", "t", 1, 2).Weights("W", 1, 9, 2).Weights("W3", 1, 9, 3)
            .Weights("R", 1, 9, 3).Weights("M5", 5, 1).Weights("M", 3, 1).Weights("table", 10, 2)
            .Floats("two", [], 2).Weights("late", 4, 1, 3).Integers("zero", 0).Integers("two0", 2).Integers("one", 1)
            .Integers("last", -1).Node("GRU", "x W R", "y h");
        builder = node.StartsWith("GRU x", StringComparison.Ordinal) ? builder : builder.Node("Squeeze", "y one", "q");
        builder = node.StartsWith("GRU s", StringComparison.Ordinal) ? builder.Node("Gather", "q last", "s") : builder;
        string[] parts = node.Split(' ');
        int arrow = Array.IndexOf(parts, ">");
        string inputs = string.Join(' ', node.Contains("swapped", StringComparison.Ordinal) ? ["table", "x"] : parts[1..arrow]);
        (string, object)[] attributes = [.. parts[(arrow + 2)..].Select(text => Attribute(parts[0], text.Split('=')))];

        OnnxModelTests.AssertRefused(
            builder.Node(parts[0], inputs, parts[arrow + 1], attributes).Output("z").ToFile(),
            fault.Replace("'gru2'", "'gru3'", StringComparison.Ordinal));
    }

    [Fact]
    public void Bodies_are_searched_for_recurrent_operators()
    {
        OnnxBuilder body = new OnnxBuilder().Node("Loop", "a", "b", ("body", new OnnxBuilder().Node("LSTM", "a W R", "b")));
        OnnxBuilder plain = new OnnxBuilder().Node("MatMul", "a b", "c");

        OnnxModelTests.AssertRefused(
            OnnxGraphTests.Gru().Node("If", "y", "z", ("then_branch", body)).Output("z").ToFile(),
            "node 'if1' (If): holds the LSTM 'lstm0' inside its body");
        OnnxModelTests.AssertRefused(
            OnnxGraphTests.Gru().Node("Scan", "y", "z", ("body", plain)).Output("z").ToFile(),
            "is control flow, perhaps a recurrence that was taken apart into a loop");
    }

    [Fact]
    public void A_recurrence_taken_apart_is_named()
    {
        SourceFile file = new OnnxBuilder().Input("x", "t", 1, 2).Weights("M", 2, 3).Node("MatMul", "x M", "m")
            .Node("Sigmoid", "m", "a").Node("Sigmoid", "m", "b").Node("Tanh", "b", "c").Node("Mul", "a c", "d")
            .Node("Einsum", "c", "z").Output("z").ToFile();

        OnnxModelTests.AssertRefused(file, "its recurrence seems to be taken apart into MatMul, Sigmoid and Tanh");
    }

    [Fact]
    public void Functions_of_other_domains_are_refused() => OnnxModelTests.AssertRefused(
        OnnxGraphTests.Gru().NodeOf("com.microsoft", "FusedGelu", "y", "z").Output("z").ToFile(),
        "is of the domain 'com.microsoft'");

    [Fact]
    public void Branches_that_no_output_needs_do_not_matter() => Assert.Single(OnnxImporter.Read(
        OnnxGraphTests.Gru().Node("MaxPool", "y", "unused").Output("y").ToFile(), ImportOptions.None).Layers);

    [Fact]
    public void Several_samples_or_answers_are_refused_by_name()
    {
        OnnxModelTests.AssertRefused(
            new OnnxBuilder().Input("a", "t", 1, 1).Input("b", "t", 1, 1).Weights("W", 1, 9, 2).Weights("R", 1, 9, 3)
                .Node("Concat", "a b", "x", ("axis", 2)).Node("GRU", "x W R", "y").Output("y").ToFile(),
            "has 2 inputs of samples among 'a', 'b'");
        OnnxModelTests.AssertRefused(
            OnnxGraphTests.Gru().Node("Relu", "y", "z").Output("y", "z").ToFile(), "has 2 outputs of answers among 'y', 'z'");
        OnnxModelTests.AssertRefused(OnnxGraphTests.Gru().Output("y", "W").ToFile(),
            "output 'W' is not computed from the samples");
    }

    [Fact]
    public void Opsets_before_7_and_empty_graphs_are_refused()
    {
        OnnxModelTests.AssertRefused(OnnxGraphTests.Gru(opset: 6).Output("y").ToFile(), "is of opset 6; expected 7 to 22");
        OnnxModelTests.AssertRefused(new SourceFile("empty.onnx", []), "holds no graph with nodes");
    }

    [Fact]
    public void Convolutions_that_see_the_future_are_refused()
    {
        SourceFile Convolved(params int[] pads) => new OnnxBuilder().Input("x", 1, "t", 2).Weights("K", 3, 2, 3)
            .Node("Transpose", "x", "a", ("perm", new[] { 0, 2, 1 })).Node("Conv", "a K", "c", ("pads", pads))
            .Node("Transpose", "c", "d", ("perm", new[] { 2, 0, 1 })).Weights("W", 1, 9, 3).Weights("R", 1, 9, 3)
            .Node("GRU", "d W R", "y").Output("y").ToFile();

        Assert.Equal(2, OnnxImporter.Read(Convolved(2, 0), ImportOptions.None).Layers.Count);
        OnnxModelTests.AssertRefused(Convolved(1, 1), "node 'conv1' (Conv): has 1 zeros before and 1 after");
        OnnxModelTests.AssertRefused(Convolved(0, 0), "causal with 2 before and 0 after");
        OnnxModelTests.AssertRefused(Convolved(2, 2), "time steps a convolution left over");
    }

    [Fact]
    public void Constants_that_unfold_without_end_are_refused_in_time()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", "t", 1, 2).Weights("c0", 1000).Integers("big", 1 << 30, 1 << 30);
        for (int k = 0; k < 40; k++)
        {
            builder.Node("Concat", $"c{k} c{k}", $"c{k + 1}", ("axis", 0));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        OnnxModelTests.AssertRefused(
            builder.Node("Add", "x c40", "z").Output("z").ToFile(), "unfold to far more values than the file holds");
        OnnxModelTests.AssertRefused(
            new OnnxBuilder().Input("x", "t", 1, 2).Integers("big", 1 << 30, 1 << 30).Node("ConstantOfShape", "big", "c")
                .Node("Transpose", "c", "d").Node("Flatten", "d", "e").Node("Add", "x e", "z").Output("z").ToFile(),
            "unfold to far more values than the file holds");
        output.WriteLine($"{GC.GetAllocatedBytesForCurrentThread() - before} bytes, {Stopwatch.GetElapsedTime(start)}");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200 << 20);
    }

    [Fact]
    public void Messages_within_messages_are_limited()
    {
        OnnxBuilder body = new OnnxBuilder().Node("Relu", "a", "b");
        for (int k = 0; k < 50; k++)
        {
            body = new OnnxBuilder().Node("If", "a", "b", ("then_branch", body));
        }

        OnnxModelTests.AssertRefused(body.Output("b").ToFile(), "more than 32 messages lie within one another");
    }

    [Fact]
    public void Damaged_files_are_refused_or_read_but_nothing_else()
    {
        const int seed = 20_240_611;
        var random = new Random(seed);
        (int read, int refused) = (0, 0);
        foreach (byte[] whole in Originals())
        {
            for (int k = 0; k < 300; k++)
            {
                byte[] bytes = Damage(whole, random);
                try
                {
                    _ = OnnxImporter.Recognises(bytes);
                    OnnxImporter.Read(new SourceFile($"seed {seed}, case {read + refused}", bytes), ImportOptions.None);
                    read++;
                }
                catch (ModelFileException)
                {
                    refused++;
                }
            }
        }

        output.WriteLine($"seed {seed}: {read} read, {refused} refused");
        Assert.True(read > 0 && refused > 0);
    }

    private static IEnumerable<byte[]> Originals()
    {
        string data = Path.Combine(Fixture.Root, "tests", "EdgeLstm.Import.Tests", "Onnx", "data");
        return Directory.GetFiles(data, "*.onnx").Order(StringComparer.Ordinal).Select(File.ReadAllBytes);
    }

    // One to four bytes changed, cut off, or a piece copied elsewhere.
    private static byte[] Damage(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                int length = random.Next(1, 40);
                bytes.AsSpan(random.Next(bytes.Length - length), length).CopyTo(bytes.AsSpan(random.Next(bytes.Length - length)));
                return bytes;
            default:
                for (int k = random.Next(4); k >= 0; k--)
                {
                    bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)0xFF : (byte)random.Next(256);
                }

                return bytes;
        }
    }

    private static (string, object) Attribute(string op, string[] text) => text[0] switch
    {
        "direction" => (text[0], text[1]),
        "axes" => (text[0], new[] { int.Parse(text[1], System.Globalization.CultureInfo.InvariantCulture) }),
        "swapped" => ("axis", 0),
        _ => (text[0], (object)int.Parse(text[1], System.Globalization.CultureInfo.InvariantCulture)),
    };
}

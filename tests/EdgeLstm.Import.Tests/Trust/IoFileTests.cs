// Every form of io.json: which array is the input, the order of its axes, which output is compared, the state it begins with.

using System.Text;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Tests.Assembly;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.Trust;

public sealed class IoFileTests
{
    private const string TwoSamples = """{"shape":[2,1,2],"data":[1,2,3,4]}""";

    [Theory]
    [InlineData("""{"inputs":[[1,2],[3,4]],"outputs":[[1,2,3],[4,5,6]]}""")]
    [InlineData("""{"inputs":[[[1,2],[3,4]]],"outputs":[[[1,2,3],[4,5,6]]]}""")]
    [InlineData("""{"x":[[1,2],[3,4]],"h0":null,"y":{"shape":[2,3],"data":[[1,2,3],[4,5,6]]}}""")]
    [InlineData("""{"x_TBI":{"shape":[2,1,2],"data":[1,2,3,4]},"y_TBO":{"shape":[2,1,3],"data":[1,2,3,4,5,6]}}""")]
    [InlineData("""{"inputs":{"X":{"shape":[2,1,2],"data":[1,2,3,4]}},"ort":{"Y_h":[[[7]]],"Y":[[[[1,2,3]]],[[[4,5,6]]]]}}""")]
    [InlineData("""{"inputs":{"features":[[[1,2]],[[3,4]]]},"expected_float64":{"dense_1":[[[1,2,3]],[[4,5,6]]]}}""")]
    [InlineData("""{"frames":[{"shape":[1,1,2],"data":[1,2]},{"shape":[1,1,2],"data":[3,4]}],"mask":[[1,2,3],[4,5,6]]}""")]
    public void A_sequence_of_two_samples_in_every_form(string json)
    {
        IoCut cut = Cut(json)[0];

        IoSequence sequence = Assert.Single(cut.Sequences);
        Assert.True(cut.AnswersEach);
        Assert.Equal([[1, 2], [3, 4]], sequence.X);
        Assert.Equal([[1, 2, 3], [4, 5, 6]], sequence.Y);
        Assert.Null(sequence.States);
    }

    [Theory]
    [InlineData("""{"inputs":[[[1,2],[3,4]],[[5,6],[7,8]]],"outputs":[[1,2,3],[4,5,6]]}""")]
    [InlineData("""{"x":{"shape":[2,2,2],"data":[1,2,5,6,3,4,7,8]},"y":[[1,2,3],[4,5,6]]}""")]
    public void Windows_have_one_output_each(string json)
    {
        IoCut cut = Cut(json)[0];

        Assert.False(cut.AnswersEach);
        Assert.Equal(2, cut.WindowLength);
        Assert.Equal([[1, 2], [3, 4]], cut.Sequences[0].X);
        Assert.Equal([[5, 6], [7, 8]], cut.Sequences[1].X);
        Assert.Equal([4, 5, 6], Assert.Single(cut.Sequences[1].Y));
    }

    [Theory]
    [InlineData(SampleAxes.BatchFirst, "", new[] { "[batch, time, features]", "[time, batch, features]" })]
    [InlineData(SampleAxes.TimeFirst, "", new[] { "[time, batch, features]", "[batch, time, features]" })]
    [InlineData(SampleAxes.TimeFirstOrSingleBatch, "", new[] { "[time, batch, features]", "[batch, time, features]" })]
    [InlineData(
        SampleAxes.TimeFirstOrSingleBatch, "\"ctor\":{\"batch_first\":true},",
        new[] { "[batch, time, features]", "[time, batch, features]" })]
    public void The_likeliest_order_comes_first_and_the_other_second(SampleAxes axes, string hint, string[] expected)
    {
        string json =
            $"{{{hint}\"x\":{{\"shape\":[2,1,2],\"data\":[1,2,3,4]}},\"y\":{{\"shape\":[2,1,3],\"data\":[1,2,3,4,5,6]}}}}";

        Assert.Equal(expected, Cut(json, axes).Select(cut => cut.Order));
    }

    [Fact]
    public void A_single_batch_in_front_is_the_batch_and_a_key_that_says_the_order_is_believed()
    {
        Assert.Equal(
            "[batch, time, features]",
            Cut("""{"x":[[[1,2],[3,4]]],"y":[[[1,2,3],[4,5,6]]]}""", SampleAxes.TimeFirstOrSingleBatch)[0].Order);
        Assert.Equal(
            ["[time, batch, features]"],
            Cut($$"""{"x_TBI":{{TwoSamples}},"y":[[1,2,3],[4,5,6]]}""", SampleAxes.BatchFirst).Select(cut => cut.Order));
    }

    [Fact]
    public void The_output_whose_last_axis_is_that_of_the_network_is_compared()
    {
        IoCut cut = Cut(
            $$"""{"x":{{TwoSamples}},"lstm_out":[[1,2,3,4],[1,2,3,4]],"out":[[1,2,3],[4,5,6]],"h_n":[[[1,2,3]]]}""")[0];

        Assert.Equal("out", cut.Output);
    }

    [Fact]
    public void Sequences_may_have_lengths_of_their_own()
    {
        IReadOnlyList<IoSequence> sequences = Cut(
            """
            {"inputs":{"X":{"shape":[2,3,2],"data":[1,2,3,4,5,6,7,8,9,10,11,12]},"sequence_lens":[2,0,1]},
             "ort":{"Y":{"shape":[2,1,3,3],"data":[1,1,1,2,2,2,3,3,3,4,4,4,0,0,0,0,0,0]}}}
            """, SampleAxes.TimeFirst)[0].Sequences;

        Assert.Equal([2, 1], sequences.Select(sequence => sequence.X.Length));
        Assert.Equal([[5, 6]], sequences[1].X);
        Assert.Equal([[3, 3, 3]], sequences[1].Y);
    }

    [Fact]
    public void States_are_taken_by_layer_and_sequence_in_both_layouts()
    {
        const string layersFirst = """
            {"x":{"shape":[1,3,2],"data":[1,2,3,4,5,6]},"y":{"shape":[1,3,3],"data":[1,2,3,4,5,6,7,8,9]},
             "h0":{"shape":[1,3,4],"data":[1,1,1,1,2,2,2,2,3,3,3,3]},"c0":{"shape":[1,3,4],"data":[4,4,4,4,5,5,5,5,6,6,6,6]}}
            """;

        Assert.Equal([2, 2, 2, 2, 5, 5, 5, 5], Assert.Single(Cut(layersFirst, SampleAxes.TimeFirst)[0].Sequences[1].States!));
        string batchFirst = layersFirst.Replace("[1,3,4]", "[3,1,4]", StringComparison.Ordinal);
        Assert.Equal([2, 2, 2, 2, 5, 5, 5, 5], Assert.Single(Cut(batchFirst, SampleAxes.TimeFirst)[0].Sequences[1].States!));
    }

    [Theory]
    [InlineData("[]", "is no JSON object")]
    [InlineData("{", "is no JSON")]
    [InlineData("{}", "has no inputs; expected one of x,")]
    [InlineData("""{"x":[[1,2]]}""", "has no outputs")]
    [InlineData("""{"x":[],"y":[[1,2,3]]}""", "'x' is no array of numbers")]
    [InlineData("""{"x":[[1,2],[3]],"y":[[1,2,3]]}""", "'x' is ragged")]
    [InlineData("""{"x":[[1,2],3],"y":[[1,2,3]]}""", "'x' is ragged")]
    [InlineData("""{"x":[[1,null]],"y":[[1,2,3]]}""", "'x' has the value null at 1")]
    [InlineData("""{"x":[[1,1e999]],"y":[[1,2,3]]}""", "expected a finite number")]
    [InlineData("""{"x":[[[[[1]]]]],"y":[[1,2,3]]}""", "more than 4 axes")]
    [InlineData("""{"x":{"shape":[2,2],"data":[1,2,3]},"y":[[1,2,3]]}""", "'x' has the shape [2,2] and 3 values")]
    [InlineData("""{"x":{"shape":[65536,65536,65536],"data":[1]},"y":[[1,2,3]]}""", "and 1 values")]
    [InlineData("""{"x":{"shape":[-1,2],"data":[1,2]},"y":[[1,2,3]]}""", "'x' has the shape [-1,2]")]
    [InlineData("""{"x":{"shape":[2]},"y":[[1,2,3]]}""", "'x' needs a shape")]
    [InlineData("""{"x":[[1,2,3]],"y":[[1,2,3]]}""", "'x' has the shape [1, 3]; the network reads 2 values a sample")]
    [InlineData("""{"x":[[1,2],[1,2]],"y":[[1,2]]}""", "has the outputs 'y' [1, 2]; the network gives 3 values")]
    [InlineData("""{"x":[[1,2]],"y":[[1,2,3]],"h0":[[1,2,3]]}""", "'h0' has the shape [1, 3]; expected [1, 1, 4]")]
    [InlineData("""{"inputs":{"X":[[[1,2]]],"sequence_lens":[2]},"y":[[1,2,3]]}""", "'sequence_lens' has 2; expected 0 to 1")]
    [InlineData("""{"inputs":{"X":[[[1,2]]],"sequence_lens":[0]},"y":[[1,2,3]]}""", "sequences of no samples only")]
    [InlineData("""{"inputs":{"X":[[[1,2]]],"sequence_lens":[1,1]},"y":[[1,2,3]]}""",
        "'sequence_lens' has 2 entries; expected 1")]
    [InlineData("""{"frames":[{"shape":[2,2],"data":[1,2,3,4]}],"y":[[1,2,3]]}""", "expected one sample of 4 values")]
    public void What_is_wrong_is_named(string json, string expected)
    {
        ModelFileException refused = Assert.Throws<ModelFileException>(() => Cut(json));

        Assert.StartsWith("io.json: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_are_refused_and_nothing_else_is_thrown()
    {
        byte[] whole = Encoding.UTF8.GetBytes(
            """
            {"ctor":{"batch_first":true},"inputs":{"X":{"shape":[2,1,2],"data":[1,2,3,4]},"initial_h":[[[1,2,3,4]]],
             "sequence_lens":[2]},"expected_float64":{"Y":[[[[1,2,3]]],[[[4,5,6]]]]},"ort":{"output":[[1,2,3]]}}
            """);
        for (int seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = whole[..(seed % 5 == 0 ? random.Next(whole.Length) : whole.Length)];
            for (int k = 0; damaged.Length > 0 && k <= seed % 3; k++)
            {
                damaged[random.Next(damaged.Length)] =
                    seed % 2 == 0 ? (byte)random.Next(256) : (byte)"{}[],:\"0129-"[random.Next(12)];
            }

            Exception? thrown = Record.Exception(
                () => IoCutter.Cut(IoFile.Parse("io.json", damaged), SmallNets.Lstm(axes: SampleAxes.TimeFirst)));
            Assert.True(thrown is null or ModelFileException, $"seed {seed}: {thrown}");
        }
    }

    [SkippableFact]
    public void Every_reference_of_the_fixtures_can_be_read()
    {
        Skip.IfNot(Directory.Exists(Fixture.Folder), $"{Fixture.Folder} is not there: set EDGELSTM_SHARED");
        string[] files = Directory.GetFiles(Fixture.Folder, "*io.json", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (string path in files)
        {
            IoFile file = IoFile.Open(path);
            Assert.NotEmpty(file.X.Values);
            Assert.NotEmpty(file.Outputs);
        }
    }

    private static IReadOnlyList<IoCut> Cut(string json, SampleAxes axes = SampleAxes.TimeFirstOrSingleBatch) =>
        IoCutter.Cut(IoFile.Parse("io.json", Encoding.UTF8.GetBytes(json)), SmallNets.Lstm(axes: axes));
}

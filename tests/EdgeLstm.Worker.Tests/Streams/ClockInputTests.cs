// Inputs of a model that come from the time of a sample: what they are, also where a reading is missing.

using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public class ClockInputTests
{
    private const double MondayMidnight = 1_767_571_200;   // 2026-01-05

    [Theory]
    [InlineData("time_day_sin", 6 * 3600, 1)]
    [InlineData("time_day_cos", 12 * 3600, -1)]
    [InlineData("time_week_sin", 0, 0)]
    [InlineData("time_week_cos", 0, 1)]
    [InlineData("time_week_sin", 42 * 3600, 1)]
    public void Day_and_week_go_round_from_midnight_and_from_monday(string name, double seconds, double expected) =>
        Assert.Equal(expected, ClockInput.Find(name)!.At(MondayMidnight + seconds), 1e-6);

    [Fact]
    public void Another_name_is_none() => Assert.Null(ClockInput.Find("time_year_sin"));

    [Fact]
    public void They_are_there_with_every_sample_and_do_not_make_one_of_a_reading_without_values()
    {
        TestStream stream = new(Plan(withChannel: false));
        stream.Feed(80);
        stream.FeedText("");
        stream.FeedText("none");
        stream.Pass(1);
        stream.Feed(1);

        StreamRecord last = stream.Last;
        Assert.Equal(StreamStatus.Live, last.Status);
        Assert.Contains(stream.Records, record => record.Status == StreamStatus.Filling);
        Assert.All(stream.Records, record => Assert.Equal(
            ClockInput.Find("time_day_sin")!.At(record.TimestampUnixMs / 1000.0), record.Values[1]));
    }

    [Fact]
    public void A_channel_of_that_name_goes_before_the_clock() =>
        Assert.Equal(["temperature", "time_day_sin"], Plan(withChannel: true).ProfileChannels);

    // The shipped network reads one channel; this one's second input has weights of zero.
    private static StreamPlan Plan(bool withChannel)
    {
        StreamPlan plan = TestStream.MachineTemperature();
        ChannelProfile[] own = withChannel ? [new ChannelProfile("time_day_sin", new FieldPath("1"))] : [];
        return plan with { Profile = plan.Profile with { Channels = [.. plan.Profile.Channels, .. own] }, Model = Widened() };
    }

    private static Model Widened()
    {
        SafetensorsFile shipped = SafetensorsFile.Open(TestStream.Model.Path);
        ModelManifest manifest = TestStream.Model.Manifest;
        InputManifest clock = new("time_day_sin", "1", 0, 1);
        return ModelFile.Load("widened", ModelFile.ToBytes(
            manifest with
            {
                Inputs = [.. manifest.Inputs, clock],
                Layers = [manifest.Layers[0] with { InputSize = 2 }, .. manifest.Layers.Skip(1)],
            },
            [.. shipped.Tensors.Values.Select(info => Widened(shipped, info))]));
    }

    private static Tensor Widened(SafetensorsFile file, TensorInfo info)
    {
        Assert.True(file.TryGet(info.Name, out _, out float[] values));
        bool isOfInputs = info.Name == "golden.inputs" || info.Name.EndsWith(".weight_ih", StringComparison.Ordinal);
        return isOfInputs
            ? new Tensor(info.Name, [info.Shape[0], 2], [.. values.SelectMany(value => new[] { value, 0f })])
            : new Tensor(info.Name, info.Shape, values);
    }
}

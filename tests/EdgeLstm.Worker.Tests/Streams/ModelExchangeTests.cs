// Another model between two samples: numbers, clock and counters go on; forecasts begin anew, as they would from a zero state.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeLstm.Worker.Tests.Streams;

public sealed class ModelExchangeTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-exchange-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_stream_warms_up_with_the_other_model_while_numbers_and_clock_go_on()
    {
        TestStream stream = new();
        int warmUp = TestStream.Model.Manifest.WarmUpSamples;
        stream.Feed(warmUp + 20);
        Assert.Equal(StreamStatus.Live, stream.Last.Status);

        stream.Pipeline.Exchange(StreamBuilder.CreateModelParts(Other(stream.Plan)));
        stream.Feed(warmUp + 5);

        long[] sequences = [.. stream.Records.Select(record => record.Sequence)];
        Assert.Equal(Enumerable.Range(1, stream.Records.Count).Select(k => (long)k), sequences);
        Assert.Equal((2 * warmUp) + 25, stream.Pipeline.Counters.Steps);
        Assert.Equal("", stream.Events);
        Assert.Equal(new string('W', warmUp) + "LLLLL", stream.Statuses[(warmUp + 20)..]);
        long[] steps = [.. stream.Records.Zip(stream.Records.Skip(1)).Select(
            pair => pair.Second.TimestampUnixMs - pair.First.TimestampUnixMs).Distinct()];
        Assert.Single(steps);
    }

    [Fact]
    public void Its_forecasts_are_those_of_a_stream_that_began_with_the_other_model()
    {
        TestStream stream = new();
        stream.Feed(30);
        TestStream fresh = new(Other(stream.Plan));
        fresh.ContinueFrom(stream);
        stream.Pipeline.Exchange(StreamBuilder.CreateModelParts(Other(stream.Plan)));

        stream.Feed(200);
        fresh.Feed(200);

        Assert.Equal(fresh.Records.Select(TestStream.Bits), stream.Records.Skip(30).Select(TestStream.Bits));
    }

    [Fact]
    public void The_thread_takes_it_up_and_saves_its_state_for_it()
    {
        using FakeSource source = new() { IsRecorded = false };
        TestStream stream = new(source: source);
        StreamPlan other = Other(stream.Plan);
        string path = Path.Combine(_folder, "oven.state");
        StateFile before = new(path, StreamBuilder.Identity(stream.Plan));
        using StreamWorker worker =
            new(stream.Plan, source, stream.Pipeline, before, WallClock.Unasked, NullLogger.Instance);
        worker.Start();
        source.Give("85\n");
        Waiting.Until(() => stream.Pipeline.Counters.Steps == 1, "a step is made");

        StateFile file = new(path, StreamBuilder.Identity(other));
        worker.Exchange(new ModelExchange(other, StreamBuilder.CreateModelParts(other), file));
        Waiting.Until(() => worker.Stream == other, "the model is taken up");
        source.Give("86\n");
        Waiting.Until(() => stream.Pipeline.Counters.Steps == 2, "a step is made with it");
        worker.Stop(Limit);

        Assert.NotEqual(StreamBuilder.Identity(stream.Plan), StreamBuilder.Identity(other));
        Assert.Equal(StateVerdict.Usable, file.Load(WallClock.Unasked.Moment(), 1e6, out _, out _));
    }

    private StreamPlan Other(StreamPlan plan)
    {
        string path = Path.Combine(_folder, "other.safetensors");
        if (!File.Exists(path))
        {
            ModelQuantizer.Save(TestStream.Model.Path, WeightPrecision.BFloat16, path);
        }

        return plan with { Model = ModelFile.Load(path) };
    }
}

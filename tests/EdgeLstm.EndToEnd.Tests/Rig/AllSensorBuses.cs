// A device with every I²C sensor there is a profile for, on emulated buses behind /dev/i2c-1 and /dev/i2c-3, a stream of each.

using System.Text.Json.Nodes;
using EdgeLstm.Benchmarks.Service;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Tests;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.EndToEnd.Tests.Rig;

/// <summary>The rigs' devices, their buses and the program's device; starts the program under the shim.</summary>
internal sealed class AllSensorBuses : IDisposable
{
    // The buses that a Raspberry Pi's user has by default and adds first.
    private static readonly int[] BusNumbers = [1, 3];

    private readonly List<EmulatedI2cBus> _buses = [];
    private readonly List<I2cSocketServer> _servers = [];
    private readonly HashSet<(int Bus, long Address)> _taken = [];
    private readonly Dictionary<string, string> _models = [];

    public AllSensorBuses()
    {
        Skip.If(I2cShim.Missing is not null, I2cShim.Missing);
        Device = Device.Launch();
        foreach (int number in BusNumbers)
        {
            _buses.Add(new EmulatedI2cBus());
            _servers.Add(new I2cSocketServer(Device.Folder, number, _buses[^1]));
        }

        Rigs.ForEach(Add);
    }

    /// <summary>The rigs, whose devices and examples are used; their own buses are not.</summary>
    public List<I2cRig> Rigs { get; } = [.. I2cRigs.All.Select(create => create())];

    /// <summary>Configuration, broker and subscriber.</summary>
    public Device Device { get; }

    /// <summary>The adapters.</summary>
    public IReadOnlyList<I2cSocketServer> Servers => _servers;

    /// <summary>The name of a rig's stream: its profile's.</summary>
    public static string StreamOf(SensorRig rig) => Path.GetFileNameWithoutExtension(rig.Profile);

    /// <summary>Starts the program under the shim.</summary>
    public EdgeProcess Start() => Device.Start(I2cShim.VariablesFor(Device.Folder));

    /// <inheritdoc/>
    public void Dispose()
    {
        _servers.ForEach(server => server.Dispose());
        _buses.ForEach(bus => bus.Dispose());
        Rigs.ForEach(rig => rig.Dispose());
        Device.Dispose();
    }

    private void Add(I2cRig rig)
    {
        string path = Path.Combine(RepositoryRoot.Path, "firmware-configs", rig.Profile);
        ProblemList problems = new(path);
        SensorProfile? profile = SensorProfile.Load(path, problems);
        Assert.False(problems.Any, problems.ToString());
        I2cProfile i2c = profile!.Transport!.I2c!;
        (int bus, long address) = TakePlace(i2c);
        _buses[bus].Attach((int)address, rig.Device);
        JsonObject source = new() { ["kind"] = "i2c", ["profile"] = path, ["port"] = _servers[bus].Port };
        if (address != i2c.Address.Value)
        {
            source["address"] = address;
        }

        JsonObject stream = Device.AddStream(StreamOf(rig), ModelOf(profile), source, 1000 / profile.RateHz);
        stream["clock"] = new JsonObject { ["resample"] = "each" };
    }

    // The sensor's usual address on the first bus where it is free, else another one that its pins can choose.
    private (int Bus, long Address) TakePlace(I2cProfile i2c) =>
        new[] { i2c.Address }.Concat(i2c.OtherAddresses ?? [])
            .SelectMany(address => _buses.Select((_, bus) => (bus, (long)address.Value)))
            .First(_taken.Add);

    // A model whose inputs are the profile's channels, all of them.
    private string ModelOf(SensorProfile profile)
    {
        string[] channels = [.. profile.Channels.Select(channel => channel.Name)];
        string key = string.Join('-', channels);
        if (!_models.TryGetValue(key, out string? path))
        {
            _models[key] = path = Path.Combine(Device.Folder, $"{key}.safetensors");
            WideModel.Save(path, channels);
        }

        return path;
    }
}

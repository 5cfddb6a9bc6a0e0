// A device with two sensors on one emulated I²C bus behind /dev/i2c-1, and a stream of each.

using System.Text.Json.Nodes;
using EdgeLstm.Benchmarks.Service;
using EdgeLstm.Worker.Tests;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.EndToEnd.Tests.Rig;

/// <summary>The bus, its server and the program's device; starts the program under the shim.</summary>
internal sealed class TwoSensorBus : IDisposable
{
    /// <summary>Names of the streams: three axes at 100 readings a second, a thermometer at 10.</summary>
    public const string Motion = "motion", Climate = "climate";

    /// <summary>Addresses of the two sensors.</summary>
    public const int MotionAddress = 0x68, ClimateAddress = 0x44;

    /// <summary>What the motion sensor measures: its rig's acceleration, by the model's names.</summary>
    public static readonly (string Input, double Value, double Tolerance)[] MotionExample =
        [.. RigOf(MotionProfile).Example.Take(3).Select((axis, k) => (WideModel.Channels[k], axis.Value, axis.Tolerance))];

    /// <summary>What the thermometer measures: its rig's temperature.</summary>
    public static readonly (string Input, double Value, double Tolerance)[] ClimateExample =
        [.. RigOf(ClimateProfile).Example.Take(1)];

    private const string MotionProfile = "mpu6050", ClimateProfile = "sht31";
    private const int BusNumber = 1;
    private const double MotionRateHz = 100, ClimateRateHz = 10;

    private readonly uint _functions;

    /// <param name="functions">What the adapter can.</param>
    public TwoSensorBus(uint functions = I2cSocketServer.PlainAdapter)
    {
        Skip.If(I2cShim.Missing is not null, I2cShim.Missing);
        _functions = functions;
        Device = Device.Launch();
        Bus.Attach(MotionAddress, RigOf(MotionProfile).Device);
        Bus.Attach(ClimateAddress, RigOf(ClimateProfile).Device);
        Server = PlugIn();
        string axes = Path.Combine(Device.Folder, "axes.safetensors");
        WideModel.Save(axes);
        Add(Motion, MotionProfile, MotionRateHz, axes, new() { ["x"] = "accel_x", ["y"] = "accel_y", ["z"] = "accel_z" });
        Add(Climate, ClimateProfile, ClimateRateHz, Device.Model("machine-temperature-gru.safetensors"), []);
    }

    /// <summary>The bus, to break it.</summary>
    public EmulatedI2cBus Bus { get; } = new();

    /// <summary>Configuration, broker and subscriber.</summary>
    public Device Device { get; }

    /// <summary>The adapter.</summary>
    public I2cSocketServer Server { get; private set; }

    /// <summary>Starts the program under the shim.</summary>
    public EdgeProcess Start() => Device.Start(I2cShim.VariablesFor(Device.Folder));

    /// <summary>Pulls the adapter out.</summary>
    public void PullOut() => Server.Dispose();

    /// <summary>Plugs an adapter in, with the same sensors on it.</summary>
    public I2cSocketServer PlugIn() => Server = new I2cSocketServer(Device.Folder, BusNumber, Bus, _functions);

    /// <inheritdoc/>
    public void Dispose()
    {
        Server.Dispose();
        Device.Dispose();
    }

    private static I2cRig RigOf(string profile) =>
        I2cRigs.All.Select(create => create()).Single(rig => rig.Profile == $"i2c/{profile}.json");

    private void Add(string name, string profile, double rateHz, string model, JsonObject channels)
    {
        JsonObject source = new()
        {
            ["kind"] = "i2c",
            ["profile"] = Path.Combine(RepositoryRoot.Path, "firmware-configs", "i2c", $"{profile}.json"),
            ["port"] = Server.Port,
            ["rateHz"] = rateHz,
        };
        JsonObject stream = Device.AddStream(name, model, source, 1000 / rateHz);
        stream["channels"] = channels;
        // A gap of up to a second is bridged: a machine that is busy is no fault of a sensor.
        stream["clock"] = new JsonObject { ["resample"] = "each", ["fillSamples"] = (int)rateHz };
    }
}

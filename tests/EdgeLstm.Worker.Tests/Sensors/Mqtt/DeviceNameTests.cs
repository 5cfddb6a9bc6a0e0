// Names of devices' streams: plain where they can be, distinct and harmless where not.

using System.Text;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.Mqtt;

public sealed class DeviceNameTests
{
    private static string Name(string device) => DeviceName.Of("climate", Encoding.UTF8.GetBytes(device));

    [Theory]
    [InlineData("freezer", "climate-freezer")]
    [InlineData("0x00158d0001a2b3c4", "climate-0x00158d0001a2b3c4")]
    [InlineData("tasmota_AB-1", "climate-tasmota_AB-1")]
    public void A_device_whose_name_fits_keeps_it(string device, string expected) => Assert.Equal(expected, Name(device));

    [Theory]
    [InlineData("living room")]
    [InlineData("Küche")]
    [InlineData("a+b#c/d")]
    [InlineData("..")]
    [InlineData("\"'{}$")]
    [InlineData("𝄞")]
    [InlineData("")]
    public void What_cannot_stand_in_a_topic_or_file_name_is_replaced(string device)
    {
        string name = Name(device);
        Assert.Matches("^climate-[A-Za-z0-9_-]*-[0-9a-f]{4}$", name);
        Assert.True(MqttTopics.IsLevel(name));
        Assert.Equal(name, Name(device));
    }

    [Fact]
    public void Devices_that_would_look_alike_are_told_apart()
    {
        string[] alike = ["living room", "living-room", "living+room", "living/room", "living.room"];
        Assert.Equal(alike.Length, alike.Select(Name).Distinct().Count());
    }

    [Fact]
    public void Names_are_as_long_as_a_name_may_be()
    {
        string plain = Name(new string('x', 64 - "climate-".Length));
        string one = Name(new string('x', 200));
        string other = Name(new string('x', 199) + "y");
        Assert.Equal((64, 64, 64), (plain.Length, one.Length, other.Length));
        Assert.NotEqual(one, other);
        Assert.DoesNotContain("-", plain["climate-".Length..], StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_make_a_name_too() =>
        Assert.Matches("^s-[A-Za-z0-9_-]+$", DeviceName.Of("s", [0xFF, 0x00, 0x2F]));
}

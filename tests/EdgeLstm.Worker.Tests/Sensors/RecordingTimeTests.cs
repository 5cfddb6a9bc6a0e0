// Timestamps of recordings as nanoseconds since 1970.

using System.Text;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors;

public class RecordingTimeTests
{
    [Theory]
    [InlineData("2013-12-02 21:15:00", 1386018900_000_000_000)]
    [InlineData("2013-12-02T21:15:00Z", 1386018900_000_000_000)]
    [InlineData("2013/12/02 21:15", 1386018900_000_000_000)]
    [InlineData("2013-12-02T22:15:00+01:00", 1386018900_000_000_000)]
    [InlineData("2013-12-02 15:45:00 -0530", 1386018900_000_000_000)]
    [InlineData("2013-12-02T21:15:00.25", 1386018900_250_000_000)]
    [InlineData("2013-12-02 21:15:00,123456789Z", 1386018900_123_456_789)]
    [InlineData("2013-12-02", 1385942400_000_000_000)]
    [InlineData("1969-12-31 23:59:59", -1_000_000_000)]
    [InlineData("1386018900", 1386018900_000_000_000)]
    [InlineData("1386018900.123456789", 1386018900_123_456_789)]
    [InlineData("1386018900250", 1386018900_250_000_000)]
    [InlineData("1386018900250001", 1386018900_250_001_000)]
    [InlineData("0.004", 4_000_000)]
    public void Times_are_read(string text, long expectedNs)
    {
        Assert.True(RecordingTime.TryParse(Encoding.UTF8.GetBytes(text), out long unixNs));
        Assert.Equal(expectedNs, unixNs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("noon")]
    [InlineData("2013-13-02 21:15:00")]
    [InlineData("2013-02-30")]
    [InlineData("2013-12-02 24:15:00")]
    [InlineData("2013-12-02 21:61")]
    [InlineData("2013-12-02 21:15:00 CET")]
    [InlineData("2013-12-02 21:15:00+1")]
    [InlineData("2013-12-02 21:15:00+01:")]
    [InlineData("-013-12-02")]
    [InlineData("1e40")]
    [InlineData("nan")]
    public void What_is_no_time_is_refused(string text) =>
        Assert.False(RecordingTime.TryParse(Encoding.UTF8.GetBytes(text), out _));
}

// NMEA 0183 sentences of common receivers: positions, checksums, void fixes, other sentences in between.

using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class NmeaRecordDecoderTests
{
    private const string Rmc = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A";
    private static readonly string[] RmcColumns =
        ["time", "status", "latitude", "ns", "longitude", "ew", "knots", "course", "date"];

    private static double[]? Read(RecordDecoder decoder, string line, int channels)
    {
        double[] values = new double[channels];
        return decoder.TryReadChannels(Encoding.ASCII.GetBytes(line), values) ? values : null;
    }

    // The sentence with its checksum.
    private static string Sign(string body) => $"${body}*{body.Aggregate(0, (xor, letter) => xor ^ letter):X2}";

    [Fact]
    public void Fields_are_read_by_name_and_angles_become_degrees()
    {
        NmeaRecordDecoder decoder = new(["latitude", "longitude", "knots", "course"], "RMC", RmcColumns);
        double[] values = Read(decoder, Rmc, 4)!;
        Assert.Equal(48 + (7.038 / 60), values[0], 12);
        Assert.Equal(11 + (31.0 / 60), values[1], 12);
        Assert.Equal([22.4, 84.4], values[2..]);
        Assert.Equal(0, decoder.Rejected);
    }

    [Fact]
    public void South_and_west_are_negative()
    {
        NmeaRecordDecoder decoder = new(["latitude", "longitude"], "GGA", ["time", "latitude", "ns", "longitude", "ew"]);
        double[] values = Read(decoder, Sign("GPGGA,120000,3351.6000,S,15112.6000,W,1,08,0.9,5.4,M,46.9,M,,"), 2)!;
        Assert.Equal([-33.86, -151.21], values.Select(value => Math.Round(value, 9)));
    }

    [Fact]
    public void Fields_are_read_by_position_as_they_are()
    {
        NmeaRecordDecoder decoder = new(["2", "6"], "GPRMC");
        Assert.Equal([4807.038, 22.4], Read(decoder, Rmc, 2)!);
    }

    [Theory]
    [InlineData("RMC", true)]
    [InlineData("GPRMC", true)]
    [InlineData("GNRMC", false)]
    [InlineData("GGA", false)]
    [InlineData("PRMC", false)]
    public void Sentences_are_chosen_by_name_from_any_talker_or_from_one(string sentence, bool reads)
    {
        NmeaRecordDecoder decoder = new(["6"], sentence);
        Assert.Equal(reads, Read(decoder, Rmc, 1) is not null);
        Assert.Equal(0, decoder.Rejected);   // another sentence is no fault
    }

    [Theory]
    [InlineData("RMC", "GPRMC,123519,V,4807.038,N,01131.000,E,022.4,084.4,230394,,", 2)]
    [InlineData("GLL", "GPGLL,4807.038,N,01131.000,E,123519,V,N", 0)]
    [InlineData("GGA", "GPGGA,123519,4807.038,N,01131.000,E,0,00,99.9,545.4,M,46.9,M,,", 8)]
    [InlineData("MWV", "WIMWV,214.8,R,0.1,K,V", 2)]
    public void A_void_sentence_has_no_values(string sentence, string body, int position)
    {
        NmeaRecordDecoder decoder = new([$"{position}"], sentence);
        Assert.Equal([double.NaN], Read(decoder, Sign(body), 1)!);
        Assert.Equal(0, decoder.Rejected);
    }

    [Fact]
    public void Empty_fields_are_missing()
    {
        NmeaRecordDecoder decoder = new(["latitude", "longitude", "knots"], "RMC", RmcColumns);
        Assert.Equal([double.NaN, double.NaN, double.NaN], Read(decoder, Sign("GNRMC,123519,A,,,,,,,230394,,"), 3)!);
        Assert.Equal([double.NaN, double.NaN, 1.5], Read(decoder, Sign("GNRMC,123519,A,,N,,E,1.5,,230394,,"), 3)!);
    }

    [Fact]
    public void A_sentence_behind_noise_or_a_lost_line_end_is_read()
    {
        NmeaRecordDecoder decoder = new(["6"], "RMC");
        Assert.Equal([22.4], Read(decoder, "\0\u0001xy" + Rmc + " \r", 1)!);
        Assert.Equal([22.4], Read(decoder, "$GPGGA,123519,48" + Rmc, 1)!);
        Assert.Equal([7], Read(new NmeaRecordDecoder(["0"], "TST"), "!" + Sign("AITST,7")[1..].ToLowerInvariant()
            .Replace("aitst", "AITST", StringComparison.Ordinal), 1)!);   // AIS begins with '!'; digits may be small
    }

    [Fact]
    public void Each_reason_is_counted_by_itself()
    {
        NmeaRecordDecoder decoder = new(["latitude", "knots"], "RMC", RmcColumns);
        Assert.Null(Read(decoder, Rmc.Replace("022.4", "022.5", StringComparison.Ordinal), 2));
        Assert.Null(Read(decoder, Rmc[..^3], 2));                                       // no checksum
        Assert.Null(Read(decoder, Rmc[..^1] + "x", 2));
        Assert.Null(Read(decoder, "boot", 2));
        Assert.Null(Read(decoder, "*00", 2));
        Assert.Null(Read(decoder, Sign("GPRMC,123519,A,4807.038,N"), 2));               // too few fields
        Assert.Null(Read(decoder, Sign("GPRMC,123519,A,4807.038,X,01131.000,E,022.4"), 2));
        Assert.Null(Read(decoder, Sign("GPRMC,123519,A,4867.038,N,01131.000,E,022.4"), 2));
        Assert.Null(Read(decoder, Sign("GPRMC,123519,A,4807.038,N,01131.000,E,fast"), 2));
        Assert.Null(Read(decoder, "", 2));
        Assert.Equal((1, 4, 1, 3, 9),
            (decoder.BadChecksum, decoder.Malformed, decoder.MissingField, decoder.NotANumber, decoder.Rejected));
    }

    [Fact]
    public void Sentences_survive_being_split_at_any_byte()
    {
        byte[] stream = Encoding.ASCII.GetBytes($"{Rmc}\r\n{Sign("GPGSV,1,1,00")}\r\n{Sign("GNRMC,1,A,,,,,3.5,,,,")}\r\n");
        Decoding.AssertSameWhereverSplit(stream, (byte)'\n', () => new NmeaRecordDecoder(["6"], "RMC"), [[22.4], [3.5]]);
    }

    [Fact]
    public void Noise_is_counted_and_never_throws() => Decoding.AssertSurvivesNoise(
        new NmeaRecordDecoder(["latitude", "knots"], "RMC", RmcColumns), Encoding.ASCII.GetBytes(
            Sign("GPRMC,1,A,4807.038,N,01131.0,E,22.4")), 2);

    [Fact]
    public void Reading_a_sentence_allocates_nothing() => Assert.Equal(0, Decoding.AllocatedBytes(
        new NmeaRecordDecoder(["latitude", "longitude", "knots"], "RMC", RmcColumns), Encoding.ASCII.GetBytes(Rmc), 3));
}

// Every profile loads, every key is explained, and the firmware sends exactly what its profile reads.

using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.FirmwareConfigs;

public class FirmwareConfigsTests
{
    public static TheoryData<string> Profiles => [.. Firmware.Profiles];

    private static SensorProfile Load(string file)
    {
        ProblemList problems = new(file);
        SensorProfile? profile = SensorProfile.Load(Path.Combine(Firmware.Configs, file), problems);
        Assert.False(problems.Any, problems.ToString());
        return profile!;
    }

    // Decodes what firmware sent, from its first byte as a reader that joins mid-stream; nothing may be dropped.
    private static List<float[]> ReadAll(SensorProfile profile, byte[] sent)
    {
        ProfileReader reader = new(profile, [.. profile.Channels.Select(channel => channel.Name)]);
        FrameDecoder frames = reader.CreateFrameDecoder();
        List<float[]> rows = [];
        float[] channels = new float[reader.ChannelCount];
        ReadOnlySpan<byte> received = sent;
        while (frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
        {
            Assert.True(reader.TryReadChannels(payload, channels), Encoding.UTF8.GetString(payload));
            rows.Add([.. channels]);
        }

        Assert.Equal((0, 0, 0), (frames.Partial, frames.OverLong, reader.OutOfRange));
        return rows;
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_profile_loads_without_problems_and_is_named_as_its_file(string file)
    {
        SensorProfile profile = Load(file);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), profile.Name);
        Assert.NotEmpty(profile.Description);
        Assert.NotNull(new ProfileReader(profile, [.. profile.Channels.Select(channel => channel.Name)]));
    }

    [Fact]
    public void The_README_explains_every_key_and_names_every_profile()
    {
        string readme = File.ReadAllText(Path.Combine(Firmware.Configs, "README.md"));
        foreach ((Type type, string prefix) in new[]
        {
            (typeof(SensorProfile), ""), (typeof(TransportProfile), "transport."), (typeof(FramingProfile), "framing."),
            (typeof(ChannelProfile), "channels[]."), (typeof(FieldProfile), "fields[]."), (typeof(ChecksumProfile), "checksum."),
            (typeof(LengthProfile), "length."), (typeof(I2cProfile), "i2c."), (typeof(I2cStep), "step."),
            (typeof(ExpectProfile), "expect."), (typeof(ModbusProfile), "modbus."), (typeof(ModbusBlock), "blocks[]."),
            (typeof(KernelDeviceProfile), "device."),
        })
        {
            foreach (JsonPropertyInfo property in ProfileJson.Default.GetTypeInfo(type)!.Properties)
            {
                bool isGroup = property.Name is "transport" or "framing" or "channels";   // explained key by key
                bool isKey = property.AssociatedParameter is not null;
                Assert.True(!isKey || isGroup || readme.Contains($"| `{prefix}{property.Name}` |", StringComparison.Ordinal),
                    property.Name);
            }
        }

        Assert.All(Firmware.Profiles, file => Assert.Contains($"`{file}`", readme, StringComparison.Ordinal));
    }

    [SkippableFact]
    public void The_machine_temperature_sketch_sends_what_its_profile_reads()
    {
        SensorProfile profile = Load("machine-temperature-csv.json");
        byte[] sent = Firmware.RunSketch("arduino-csv/machine-temperature/machine-temperature.ino", 60_001);
        List<float[]> rows = ReadAll(profile, sent);
        Assert.Equal(21, rows.Count);   // 0.1 s a loop, 300 s a record, the first at once
        Assert.All(rows, row => Assert.InRange(row[0], -40, 150));
    }

    [SkippableFact]
    public void The_ECG_sketch_sends_what_its_profile_reads()
    {
        SensorProfile profile = Load("ecg-csv.json");
        List<float[]> rows = ReadAll(profile, Firmware.RunSketch("arduino-csv/ecg/ecg.ino", 16_000));
        Assert.Equal(1001, rows.Count);   // 0.25 ms a loop, 4 ms a record, the first at once
        Assert.All(rows, row => Assert.InRange(row[0], -2.3f, 2.3f));
    }

    [SkippableFact]
    public void The_fan_sketch_sends_what_its_profile_reads()
    {
        SensorProfile profile = Load("fan-plotter.json");
        List<float[]> rows = ReadAll(profile, Firmware.RunSketch("arduino-plotter/fan/fan.ino", 3));
        Assert.Equal(3, rows.Count);
        Assert.Equal(281 * 500 / 1023f, rows[0][0], 0.01f);
        Assert.Equal(1481 / 60f, rows[0][1], 0.1f);   // two pulses a turn, 20.25 ms apart
    }

    [SkippableFact]
    public void The_accelerometer_sketch_sends_what_its_profile_reads()
    {
        SensorProfile profile = Load("accelerometer-cobs.json");
        List<float[]> rows = ReadAll(profile, Firmware.RunSketch("arduino-cobs/accelerometer/accelerometer.ino", 1000));
        Assert.Equal(226, rows.Count);   // 0.25 ms a loop, 1 ms a record, every tenth of 251 readings fails
        float[] expected = [0, -12 * 0.03824594f, 12 * 10 * 0.03824594f];
        Assert.Equal(expected, rows[11], (want, got) => Math.Abs(want - got) < 1e-3f);
    }

    [SkippableFact]
    public void The_record_encoder_in_C_agrees_with_the_decoder_for_every_length_and_content()
    {
        byte[] sent = Firmware.RunCpp($$"""
            #include <stdio.h>
            #include "{{Path.Combine(Firmware.Configs, "arduino-cobs/accelerometer/record.h")}}"
            int main() {
              uint8_t record[RECORD_MAX_BYTES], encoded[RECORD_ENCODED_BYTES(RECORD_MAX_BYTES)];
              uint32_t noise = 1;
              for (int zeros = 0; zeros < 3; zeros++)
                for (int count = 1; count <= RECORD_MAX_BYTES; count++) {
                  for (int i = 0; i < count; i++) {
                    noise = noise * 1664525u + 1013904223u;
                    record[i] = zeros == 0 ? 0 : zeros == 1 ? (uint8_t)((noise >> 24) | 1) : (uint8_t)(noise >> 29);
                  }
                  fwrite(encoded, 1, encode_record(record, (uint8_t)count, encoded), stdout);
                }
            }
            """);
        DelimitedFrameDecoder frames = new(0, 512, atFrameStart: true);
        ReadOnlySpan<byte> received = sent;
        for (int i = 0; i < 3 * 252; i++)
        {
            Assert.True(frames.TryRead(ref received, out ReadOnlySpan<byte> payload));
            byte[] record = new byte[512];
            Assert.True(ByteStuffing.TryRemoveCobs(payload, record, out int length));
            Assert.Equal((i % 252) + 1 + 2, length);
            Assert.True(Checksum.CcittFalse.Matches(record.AsSpan(0, length - 2), record.AsSpan(length - 2, 2)));
        }

        Assert.False(frames.TryRead(ref received, out _));
    }

    [SkippableFact]
    public void The_MicroPython_script_sends_what_its_profile_reads()
    {
        SensorProfile profile = Load("weather-json-lines.json");
        string folder = JsonEncodedText.Encode(Path.Combine(Firmware.Configs, "micropython-json-lines")).ToString();
        byte[] sent = Firmware.RunPython($$"""
            import sys, types

            class I2C:
                replies = [bytes([0x60, 0x00, 0, 0x80, 0x00, 0]), None, bytes([0x60, 0x00, 0xFF, 0x80, 0x00, 0])]
                def __init__(self, *args, **kwargs): self.count = 0
                def writeto(self, address, data): assert (address, data) == (0x44, b"\x24\x00")
                def readfrom(self, address, count):
                    reply = self.replies[self.count]
                    self.count += 1
                    if reply is None: raise OSError(5)
                    return reply

            sys.modules["machine"] = types.SimpleNamespace(I2C=I2C, ADC=None, Pin=None)
            sys.path.insert(0, "{{folder}}")
            import main

            assert main.crc8(b"\xbe\xef") == 0x92
            good = I2C.replies[0]
            I2C.replies[0] = good[:2] + bytes([main.crc8(good[:2])]) + good[3:5] + bytes([main.crc8(good[3:5])])
            I2C.replies[2] = good[:3] + good[3:5] + bytes([main.crc8(good[3:5])])
            i2c = I2C()
            print()
            for battery in (3920, 3919, 3918):
                print(main.record_line(*main.measure(i2c), battery))
            """);
        List<float[]> rows = ReadAll(profile, sent);
        Assert.Equal(3, rows.Count);
        Assert.Equal([20.63f, 50f, 3.92f], rows[0]);
        Assert.Equal([float.NaN, float.NaN, 3.919f], rows[1]);
        Assert.Equal([float.NaN, 50f, 3.918f], rows[2]);
    }
}

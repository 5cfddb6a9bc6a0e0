// The udev rule for buffered capture: after it the group may write every file that capture writes, and no other.

using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using EdgeLstm.Worker.Tests.Emulation.Kernel;
using EdgeLstm.Worker.Tests.FirmwareConfigs;

namespace EdgeLstm.Worker.Tests.Sensors.Kernel;

[UnsupportedOSPlatform("windows")]
public sealed partial class IioRulesTests : IDisposable
{
    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly FakeSysfs _tree = new();

    public void Dispose() => _tree.Dispose();

    [SkippableFact]
    public void The_rule_opens_what_capture_writes_and_nothing_else()
    {
        string folder = _tree.AddIio(0, "chip", "1-0010", ("in_accel_x_raw", "1"), ("in_accel_scale", "1"),
            ("trigger/current_trigger", "chip-dev0"));
        using FakeCapture capture = new(_tree, 0, folder, new FakeElement("in_accel_x", "le:s16/16>>0"));
        string[] fixedFiles = ["in_accel_x_raw", "name", "scan_elements/in_accel_x_type", "scan_elements/in_accel_x_index"];
        string[] readOnly = [.. fixedFiles.Select(file => _tree.At($"{folder}/{file}"))];
        foreach (string file in Directory.GetFiles(_tree.At(folder), "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(file, readOnly.Contains(file) ? OwnerOnly & ~UnixFileMode.UserWrite : OwnerOnly);
        }

        Run(folder);
        string[] open = [.. Directory.GetFiles(_tree.At(folder), "*", SearchOption.AllDirectories)
            .Where(file => File.GetUnixFileMode(file).HasFlag(UnixFileMode.GroupWrite))
            .Select(file => Path.GetRelativePath(_tree.At(folder), file)).Order(StringComparer.Ordinal)];
        Assert.Equal(["buffer/enable", "buffer/length", "buffer/watermark", "current_timestamp_clock", "sampling_frequency",
            "scan_elements/in_accel_x_en"], open);
    }

    // The command of the rule as udev would run it, for the group of this process.
    private void Run(string folder)
    {
        string rules = File.ReadAllText(Path.Combine(Firmware.Configs, "raspberry-pi/99-edgelstm-iio.rules"));
        string command = Command().Match(rules).Groups[1].Value.Replace("/sys%p", _tree.At(folder), StringComparison.Ordinal)
            .Replace("chgrp iio ", "chgrp \"$(id -g)\" ", StringComparison.Ordinal);
        Skip.IfNot(File.Exists("/usr/bin/find"), "no find here");
        using Process shell = Process.Start("/bin/sh", ["-c", command]);
        shell.WaitForExit();
    }

    [GeneratedRegex("/bin/sh -c '([^']+)'")]
    private static partial Regex Command();
}

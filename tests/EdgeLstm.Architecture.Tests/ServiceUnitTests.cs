// The systemd unit, judged by systemd itself, and the installer that puts it in place.

using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeLstm.Architecture.Tests;

public sealed partial class ServiceUnitTests
{
    private const string Unit = "eng/systemd/edgelstm.service";
    private const double ExposureLimit = 1.5;

    [SkippableFact]
    public void Exposure_is_at_most_1_5()
    {
        Skip.IfNot(Repository.HasProgram("systemd-analyze"), "systemd-analyze is not installed (Debian package systemd)");

        string output = Repository.Run("systemd-analyze", "security", "--offline=true", "--no-pager", Unit).Output;

        Match match = Overall().Match(output);
        Assert.True(match.Success, output);
        Assert.InRange(double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), 0, ExposureLimit);
    }

    [SkippableFact]
    public void Systemd_finds_nothing_wrong_with_the_unit()
    {
        Skip.IfNot(Repository.HasProgram("systemd-analyze"), "systemd-analyze is not installed (Debian package systemd)");

        string output = Repository.Run("systemd-analyze", "verify", "--man=no", Unit).Output;

        // Where the service is not installed its program is not there: that alone is no fault of the unit.
        string[] complaints = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.DoesNotContain(complaints, c => c.Contains("edgelstm", StringComparison.Ordinal) && !MissingProgram().IsMatch(c));
    }

    [Fact]
    public void The_installer_puts_program_and_configuration_where_the_unit_looks_for_them()
    {
        string unit = Repository.Read(Unit);
        string installer = Repository.Read("eng/package/install.sh");

        Assert.Contains("ExecStart=/usr/local/bin/edgelstm run /etc/edgelstm/edgelstm.json", unit, StringComparison.Ordinal);
        Assert.Contains("/usr/local/bin/edgelstm\n", installer, StringComparison.Ordinal);
        Assert.Contains("etc=$root/etc/edgelstm\n", installer, StringComparison.Ordinal);
        Assert.Contains("\"$etc/edgelstm.json\"", installer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reload_sends_the_signal_at_which_the_program_reads_its_configuration_again() =>
        Assert.Contains("\nExecReload=/bin/kill -HUP $MAINPID\n", Repository.Read(Unit), StringComparison.Ordinal);

    [Fact]
    public void The_password_has_a_default_so_that_a_missing_file_does_not_stop_the_service()
    {
        string[] lines = Repository.ReadLines(Unit);

        foreach (string line in lines.Where(l => l.StartsWith("LoadCredential=", StringComparison.Ordinal)))
        {
            string name = line["LoadCredential=".Length..].Split(':')[0];
            Assert.Contains(lines, l => l.StartsWith($"SetCredential={name}:", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_drop_in_for_capture_opens_what_the_unit_closes_to_the_group_of_the_udev_rules()
    {
        string dropIn = Repository.Read("firmware-configs/raspberry-pi/edgelstm-iio.conf");
        string rules = Repository.Read("firmware-configs/raspberry-pi/99-edgelstm-iio.rules");

        Assert.Contains("\nProtectKernelTunables=yes\n", Repository.Read(Unit), StringComparison.Ordinal);
        Assert.Contains("\nDeviceAllow=char-iio r\n", Repository.Read(Unit), StringComparison.Ordinal);
        Assert.Contains("\nProtectKernelTunables=no\n", dropIn, StringComparison.Ordinal);
        Assert.Contains("\nSupplementaryGroups=iio\n", dropIn, StringComparison.Ordinal);
        Assert.Contains("GROUP=\"iio\"", rules, StringComparison.Ordinal);
        Assert.Contains("chgrp iio ", rules, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"Overall exposure level for edgelstm\.service: ([\d.]+)")]
    private static partial Regex Overall();

    [GeneratedRegex(@"/usr/local/bin/edgelstm is not executable")]
    private static partial Regex MissingProgram();
}

// Pages of program files handed back: fewer are resident, and everything still runs.

using System.Globalization;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Tests.Linux;

public class ProgramPagesTests
{
    [Fact]
    public void Fewer_pages_of_program_files_are_resident_and_what_is_used_comes_back()
    {
        _ = ResidentProgramKiB();   // so that the measuring itself brings nothing new in between
        long before = ResidentProgramKiB();
        ProgramPages.GiveBack();
        long after = ResidentProgramKiB();
        Assert.InRange(after, 1, before - 1000);

        // Code and constants of libraries that were used before, and of ones that were not.
        Assert.Equal("6.280E+000", 6.28.ToString("E3", CultureInfo.InvariantCulture));
        Assert.Equal(32, System.Security.Cryptography.SHA256.HashData("x"u8).Length);
        Assert.True(File.Exists("/proc/self/smaps"));
    }

    // Of mappings that run: r-xp and a file's name.
    private static long ResidentProgramKiB()
    {
        long sum = 0;
        bool counts = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.Contains(" r-xp ", StringComparison.Ordinal))
            {
                counts = line.Contains(" /", StringComparison.Ordinal);
            }
            else if (counts && line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                sum += long.Parse(line.AsSpan(4).Trim("kB "), CultureInfo.InvariantCulture);
                counts = false;
            }
        }

        return sum;
    }
}
